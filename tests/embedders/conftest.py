"""Gives the tests of this folder the formulas of what was recorded from AllenNLP."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def recorded() -> ModuleType:
    file = Path(__file__).parents[1] / "recorded_modules.py"
    spec = importlib.util.spec_from_file_location("recorded_modules", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
