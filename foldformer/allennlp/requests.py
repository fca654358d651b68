"""Read what a Python file asks of AllenNLP or of another library, without running it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from foldformer.allennlp.table import ROOTS, table


@dataclass(frozen=True)
class Request:
    """A name that a file takes out of a module.

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


@dataclass(frozen=True)
class Library:
    """A library whose names are looked for.

    Args:
        roots: Its top-level packages.
        is_module: Whether a path is that of a module rather than of something in one.
    """

    roots: tuple[str, ...]
    is_module: Callable[[str], bool]

    def owns(self, module: str) -> bool:
        """Whether a module belongs to it."""
        return module.partition(".")[0] in self.roots


ALLENNLP = Library(ROOTS, lambda path: table().is_module(path))


def requests_of(source: str | bytes | ast.AST, library: Library = ALLENNLP) -> list[Request]:
    """What a program asks of a library: names that it imports, and attributes of modules that it imports.

    Raises:
        SyntaxError: It is not Python.
    """
    tree = source if isinstance(source, ast.AST) else ast.parse(source)
    imported: dict[str, str] = {}  # a name in the file -> the module behind it
    found: list[Request] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += _imports(node, library, imported)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and library.owns(node.module or ""):
            found += _imports_from(node, library, imported)
    found += _attributes(tree, library, imported)
    return sorted(set(found), key=lambda request: (request.line, str(request)))


def _imports(node: ast.Import, library: Library, imported: dict[str, str]) -> Iterator[Request]:
    for alias in node.names:
        if library.owns(alias.name):
            root = alias.name.partition(".")[0]
            imported[alias.asname or root] = alias.name if alias.asname else root
            yield Request(alias.name, "", node.lineno)


def _imports_from(node: ast.ImportFrom, library: Library, imported: dict[str, str]) -> Iterator[Request]:
    module = node.module or ""
    for alias in node.names:
        if alias.name == "*":
            yield Request(module, "", node.lineno)
        elif library.is_module(f"{module}.{alias.name}"):
            imported[alias.asname or alias.name] = f"{module}.{alias.name}"
            yield Request(f"{module}.{alias.name}", "", node.lineno)
        else:
            yield Request(module, alias.name, node.lineno)


def _attributes(tree: ast.AST, library: Library, imported: dict[str, str]) -> Iterator[Request]:
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            yield from _attribute(_dotted(node), library, imported, node.lineno)


def _attribute(names: list[str], library: Library, imported: dict[str, str], line: int) -> Iterator[Request]:
    """`util.masked_softmax.x` with `util` imported: the first name that is no module any more."""
    if not names or names[0] not in imported:
        return
    module = imported[names[0]]
    for name in names[1:]:
        if not library.is_module(f"{module}.{name}"):
            yield Request(module, name, line)
            return
        module = f"{module}.{name}"


def _dotted(node: ast.expr) -> list[str]:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if isinstance(node, ast.Name) else []
