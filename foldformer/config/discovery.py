"""Find the packages that bring components, and import them when a look-up needs them.

A package announces itself with an entry point in the group `foldformer.components`; importing it registers its classes.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import sys
import threading
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from foldformer.config.errors import ConfigurationError

logger = logging.getLogger(__name__)

GROUP = "foldformer.components"


@dataclass(frozen=True)
class ImportFailure:
    """A package that could not be imported.

    Args:
        package: The module that was asked for.
        reason: The error's class and message.
    """

    package: str
    reason: str

    def __str__(self) -> str:
        """For a person: the package and why it is missing."""
        return f"{self.package} could not be imported ({self.reason})"


class BrokenImportError(ImportError):
    """A module that exists, or should, raised an error while it was imported."""


_failures: dict[str, ImportFailure] = {}
_discovered = False
_discovering = threading.RLock()  # another thread waits until all are imported; the importing one may look things up


def discover() -> None:
    """Import every package of the entry-point group; the second call does nothing.

    A package that fails is logged once, remembered in `import_failures` and does not stop the others.
    """
    global _discovered
    with _discovering:
        if _discovered:
            return
        _discovered = True  # before the imports: they may look something up themselves
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
            try:
                import_module(entry.module)
            except BrokenImportError as error:
                failure = ImportFailure(entry.module, str(error))
                _failures[entry.module] = failure
                logger.warning("%s; its components are not available", failure)


def import_failures() -> tuple[ImportFailure, ...]:
    """The announced packages that could not be imported so far."""
    return tuple(_failures.values())


def include_package(name: str) -> None:
    """Import a package and all its submodules, so that their components are registered.

    The current folder is put on the import path, as a Python started there would have it.

    Raises:
        ConfigurationError: There is no such package, or one of its modules fails to import.
    """
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    importlib.invalidate_caches()
    _include(name)


def _include(name: str) -> None:
    try:
        module = import_module(name)
    except BrokenImportError as error:
        message = (
            f"package {name!r} cannot be included: {error}; expected a package that Python can import from {Path.cwd()}"
        )
        raise ConfigurationError(message) from error
    for found in pkgutil.iter_modules(getattr(module, "__path__", [])):
        if found.name != "__main__":
            _include(f"{name}.{found.name}")


def attribute(owner: object, name: str) -> Any:
    """An attribute of a module or class, None where there is none; some modules import others when they are asked.

    Raises:
        BrokenImportError: Whatever that import raised, as its cause.
    """
    try:
        return getattr(owner, name, None)
    except Exception as error:  # as in `import_module`
        raise BrokenImportError(f"{type(error).__name__}: {error}") from error


def import_module(name: str) -> ModuleType:
    """Import a module, with one kind of error for everything that can go wrong.

    Raises:
        BrokenImportError: Whatever the import raised, as its cause.
    """
    try:
        return importlib.import_module(name)
    except Exception as error:  # other people's modules may raise anything while they are imported
        raise BrokenImportError(f"{type(error).__name__}: {error}") from error
