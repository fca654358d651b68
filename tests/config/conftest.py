"""A registry that a test may fill, and the menagerie: components that use every kind of type hint."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from foldformer.config import discovery
from foldformer.config.registrable import Registrable, Registry


@pytest.fixture
def own_registry(monkeypatch):
    """Registrations of the test are forgotten after it, and no look-up imports announced packages."""
    own = Registry({base: dict(each) for base, each in Registrable._registry.items()})
    monkeypatch.setattr(Registrable, "_registry", own)
    monkeypatch.setattr(discovery, "_discovered", True)
    monkeypatch.setattr(discovery, "_failures", {})


@pytest.fixture(scope="session")
def menagerie() -> ModuleType:
    """Components and valid files. A module of its own, found under its name, as type hints are looked up there."""
    name = "foldformer_test_menagerie"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("menagerie.py"))
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
