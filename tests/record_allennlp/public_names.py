"""Record which classes and functions AllenNLP's modules have, in all the versions that are given.

    python tests/record_allennlp/public_names.py FOLDER...

reads packages `allennlp` and `allennlp_models` below each folder without running them, and writes public_names.txt in
tests/allennlp_bridge: a line a module, its path and what it defines; a package also has what it imports.
"""

import ast
import sys
from pathlib import Path

ROOTS = ("allennlp", "allennlp_models")


def modules(folder):
    for root in ROOTS:
        for file in sorted((folder / root).rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            if "tests" not in parts and parts[-1] != "__main__":
                yield [part for part in parts if part != "__init__"], file


def names(file):
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node.name
        elif isinstance(node, ast.ImportFrom) and file.stem == "__init__" and (node.module or "").startswith(ROOTS):
            yield from (alias.asname or alias.name for alias in node.names)


def main():
    found = {}
    for folder in sys.argv[1:]:
        for parts, file in modules(Path(folder)):
            public = {name for name in names(file) if not name.startswith(("_", "*")) and name != "logger"}
            found.setdefault(".".join(parts), set()).update(public)
    lines = [" ".join([module, *sorted(found[module])]) for module in sorted(found)]
    (Path(__file__).parents[1] / "allennlp_bridge/public_names.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
