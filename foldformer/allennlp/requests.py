"""Read what a Python file asks of AllenNLP, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from foldformer.allennlp.table import ROOTS, table


@dataclass(frozen=True)
class Request:
    """A name that a file takes out of a module of AllenNLP.

    Args:
        module: Path of the module.
        name: The name; empty where the module itself is imported.
        line: Where the file asks for it, from 1.
    """

    module: str
    name: str
    line: int

    def __str__(self) -> str:
        """The dotted path."""
        return f"{self.module}.{self.name}" if self.name else self.module


def requests_of_file(path: Path) -> list[Request]:
    """What a file asks of AllenNLP, in its order; nothing where the file is not Python.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        return requests_of(path.read_bytes())
    except (SyntaxError, ValueError):  # ValueError: null bytes
        return []


def requests_of(source: str | bytes) -> list[Request]:
    """What a program asks of AllenNLP: names that it imports, and attributes of modules that it imports.

    Raises:
        SyntaxError: It is not Python.
    """
    tree = ast.parse(source)
    imported: dict[str, str] = {}  # a name in the file -> the module of AllenNLP behind it
    found: list[Request] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += _imports(node, imported)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and _is_allennlp(node.module or ""):
            found += _imports_from(node, imported)
    found += _attributes(tree, imported)
    return sorted(set(found), key=lambda request: (request.line, str(request)))


def _imports(node: ast.Import, imported: dict[str, str]) -> Iterator[Request]:
    for alias in node.names:
        if _is_allennlp(alias.name):
            root = alias.name.partition(".")[0]
            imported[alias.asname or root] = alias.name if alias.asname else root
            yield Request(alias.name, "", node.lineno)


def _imports_from(node: ast.ImportFrom, imported: dict[str, str]) -> Iterator[Request]:
    module = node.module or ""
    for alias in node.names:
        if alias.name == "*":
            yield Request(module, "", node.lineno)
        elif table().is_module(f"{module}.{alias.name}"):
            imported[alias.asname or alias.name] = f"{module}.{alias.name}"
            yield Request(f"{module}.{alias.name}", "", node.lineno)
        else:
            yield Request(module, alias.name, node.lineno)


def _attributes(tree: ast.AST, imported: dict[str, str]) -> Iterator[Request]:
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            yield from _attribute(_dotted(node), imported, node.lineno)


def _attribute(names: list[str], imported: dict[str, str], line: int) -> Iterator[Request]:
    """`util.masked_softmax.x` with `util` imported: the first name that is no module any more."""
    if not names or names[0] not in imported:
        return
    module = imported[names[0]]
    for name in names[1:]:
        if not table().is_module(f"{module}.{name}"):
            yield Request(module, name, line)
            return
        module = f"{module}.{name}"


def _dotted(node: ast.expr) -> list[str]:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if isinstance(node, ast.Name) else []


def _is_allennlp(module: str) -> bool:
    return module.partition(".")[0] in ROOTS
