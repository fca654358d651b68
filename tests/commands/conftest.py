"""A folder with a small package of components and experiment files, and the command to run there."""

import sys

import pytest
from typer.testing import CliRunner

from foldformer.commands import app
from foldformer.config import discovery
from foldformer.config.registrable import Registrable

COMPONENTS = '''
import threading

from foldformer.config import Experiment, Registrable


class Engine(Registrable):
    """Makes things move."""


@Engine.register("steam")
class Steam(Engine):
    """Runs on water.

    It needs some time.

    Args:
        pressure: In bar.
    """

    def __init__(
        self,
        pressure: float,
        valves: int = 4,
        sizes: tuple[int, int] = (1, 2),
        name: str = "boiler",
        fuel: str | None = None,
        crew: "list[threading.Thread] | None" = None,
    ) -> None: ...


@Engine.register("electric")
class Electric(Engine):
    """Runs on a wire."""


@Experiment.register("default")
class Journey(Experiment):
    """A journey of one engine.

    Args:
        stops: Names of the stations.
    """

    def __init__(self, engine: Engine, stops: list[str] = ["end"]) -> None: ...
'''
FILES = {
    "railway/__init__.py": "",
    "railway/components.py": COMPONENTS,
    "good.jsonnet": 'local stop = "here"; {engine: {type: "steam", pressure: 2}, stops: [stop]}',
    "other.json": '{"engine": {"type": "steam", "pressure": 3, "valves": 4}}',
    "bad.jsonnet": '{engine: {type: "steem"}, stops: "abc", stopps: []}',
    "variable.jsonnet": '{engine: {type: std.extVar("KIND"), pressure: 1}}',
    "function.jsonnet": 'function(pressure) {engine: {type: "steam", pressure: pressure}}',
    "broken.jsonnet": "{\n  engine: ,\n}",
}


@pytest.fixture
def railway(tmp_path, monkeypatch):
    """The folder, made the current one. What is registered there is forgotten afterwards."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(Registrable, "_registry", {})
    monkeypatch.setattr(discovery, "_discovered", True)
    monkeypatch.setattr(discovery, "_failures", {})
    yield tmp_path
    for name in ["railway", "railway.components", "railway.diesel", "plugin"]:
        sys.modules.pop(name, None)


@pytest.fixture
def run():
    """Run the command; gives its result, with standard error apart."""

    def run(*arguments: str):
        return CliRunner().invoke(app, list(arguments), prog_name="foldformer")

    return run
