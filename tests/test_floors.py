"""The house stands as CONTRIBUTING.md draws it: imports run down, in no circle, and no room is crowded."""

import ast
from collections.abc import Iterator
from pathlib import Path

import networkx
import pytest

ROOT = Path(__file__).parents[1]
FLOORS = [
    {"foldformer.config", "foldformer.choices"},
    {"foldformer.text"},
    {"foldformer.data", "foldformer.engine", "foldformer.nn"},
    {"foldformer.models"},
    {"embedders", "indexers", "foldformer.embedding"},
    {"foldformer.corpus", "foldformer.training"},
    {"foldformer.integrations"},
    {"foldformer.commands"},
]
"""From the ground up. What is not named here stands on top, and nothing imports it."""
TOP = len(FLOORS)
MOST_FILES = 20


def modules() -> dict[str, Path]:
    files = (file for top in ("foldformer", "embedders", "indexers") for file in (ROOT / top).rglob("*.py"))
    return {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


MODULES = modules()


def imported(nodes: list[ast.stmt]) -> Iterator[str]:
    """Yield what code imports, in functions too; not what only its type hints need."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            for _, children in ast.iter_fields(node):
                if isinstance(children, list):
                    yield from imported([child for child in children if isinstance(child, ast.AST)])  # type: ignore[misc]


@pytest.fixture(scope="module")
def graph() -> networkx.DiGraph:
    graph = networkx.DiGraph()
    for name, file in MODULES.items():
        for target in imported(ast.parse(file.read_text(encoding="utf-8")).body):
            if target in MODULES and target != name:
                graph.add_edge(name, target)
    return graph


def room(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "foldformer" and len(parts) > 1 else parts[0]


def floor(module: str) -> int:
    if module == "foldformer":
        return 0
    return next((number for number, rooms in enumerate(FLOORS) if room(module) in rooms), TOP)


def test_imports_run_down(graph: networkx.DiGraph) -> None:
    up = [
        f"{source} imports {target}"
        for source, target in graph.edges
        if room(source) != room(target) and floor(source) <= floor(target) and source != "foldformer"
    ]
    assert not up


def test_core_finds_embedders_and_indexers_by_name_only(graph: networkx.DiGraph) -> None:
    wrong = [pair for pair in graph.edges if room(pair[1]) in {"embedders", "indexers"} and pair[0].startswith("fold")]
    assert not wrong


def test_modules_import_each_other_in_the_config_only(graph: networkx.DiGraph) -> None:
    circles = [sorted(each) for each in networkx.strongly_connected_components(graph) if len(each) > 1]
    assert [each for each in circles if {room(module) for module in each} != {"foldformer.config"}] == []
    assert len(circles) == 1  # hints need components, and components need hints
    assert len(circles[0]) <= 9


@pytest.mark.parametrize("folder", sorted({file.parent for file in MODULES.values()}), ids=lambda p: p.name)
def test_no_room_is_crowded(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= MOST_FILES
