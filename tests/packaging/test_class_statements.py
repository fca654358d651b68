"""The package `overrides` finds base classes by reading a module's bytecode backwards from a class statement, up to the
last name that was stored. What stands between, such as a loop or a call, is taken for base classes too; on Python 3.12
and later also a loop's own names. So a class that overrides something follows a statement that stores a name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
STORING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign)
MODULES = sorted(
    path for package in ("foldformer", "embedders", "indexers") for path in (PROJECT / package).rglob("*.py")
)


def overrides_something(node: ast.ClassDef) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id in ("overrides", "override")
        for part in ast.walk(node)
        if isinstance(part, ast.FunctionDef)
        for decorator in part.decorator_list
        for each in ast.walk(decorator)
    )


def stores(node: ast.stmt | None) -> bool:
    if isinstance(node, ast.If):
        return stores(node.body[-1]) and not node.orelse
    return node is None or isinstance(node, STORING)


def exposed(source: str) -> Iterator[str]:
    """Yield classes between whose statement and the last stored name something else stands."""
    body = ast.parse(source).body
    said = [node for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    for before, node in zip([None, *said], said, strict=False):
        if isinstance(node, ast.ClassDef) and overrides_something(node) and not stores(before):
            yield node.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_nothing_can_be_mistaken_for_a_base_class(path: Path) -> None:
    assert not list(exposed(path.read_text()))


def test_a_loop_before_a_class_is_seen() -> None:
    loop = "for name in names:\n    register(name)\n"
    cls = "class A(B):\n    @overrides\n    def f(self): ...\n"
    assert list(exposed(loop + cls)) == ["A"]
    assert list(exposed("x: int = 1\n" + cls)) == ["A"]
    assert not list(exposed(loop + "x = 1\n'''Text.'''\n" + cls))
