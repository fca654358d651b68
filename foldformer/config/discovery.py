"""Find the packages that bring components, and import them when a look-up needs them.

A package announces itself with an entry point in the group `foldformer.components`; importing it registers its classes.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import sys
import threading
import traceback
from collections.abc import Collection
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
    _look_in_current_folder()
    _include(name)


def _look_in_current_folder() -> None:
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    importlib.invalidate_caches()


def _include(name: str) -> None:
    try:
        module = import_module(name)
    except BrokenImportError as error:
        what = f"{_place_of(error.__cause__)}{error}"
        raise ConfigurationError(
            f"package {name!r} cannot be included: {what}; expected a package that Python can import from {Path.cwd()}"
        ) from error
    for found in pkgutil.iter_modules(getattr(module, "__path__", [])):
        if found.name != "__main__":
            _include(f"{name}.{found.name}")


def _line_about(error: Exception) -> str:
    """Class and message, of which the first line says what happened."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _place_of(error: BaseException | None) -> str:
    """File and line that an error arose from, the last one below the current folder if there is one."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}: "
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    theirs = [frame for frame in frames if not _is_machinery(frame.filename)]
    if not theirs or theirs[-1].filename in str(error):
        return ""
    here = [frame for frame in theirs if Path(frame.filename).is_relative_to(Path.cwd())]
    frame = (here or theirs)[-1]
    return f"{frame.filename}:{frame.lineno}: "


def _is_machinery(file: str) -> bool:
    """Whether a file is Python's import system, or this module."""
    return file.startswith("<") or file == __file__ or "importlib" in Path(file).parts


def import_module_and_submodules(package_name: str, exclude: Collection[str] | None = None) -> None:
    """Import a package and all its submodules, but those whose names begin with "_" or "test".

    Args:
        package_name: Found from the current folder too.
        exclude: Modules to leave out, with all that is below them.
    """
    if package_name in (exclude or ()):
        return
    _look_in_current_folder()
    module = importlib.import_module(package_name)
    for found in pkgutil.iter_modules(getattr(module, "__path__", [])):
        if not found.name.startswith(("_", "test")):
            import_module_and_submodules(f"{package_name}.{found.name}", exclude)


def attribute(owner: object, name: str) -> Any:
    """An attribute of a module or class, None where there is none; some modules import others when they are asked.

    Raises:
        BrokenImportError: Whatever that import raised, as its cause.
    """
    try:
        return getattr(owner, name, None)
    except Exception as error:  # as in `import_module`
        raise BrokenImportError(_line_about(error)) from error


def import_module(name: str) -> ModuleType:
    """Import a module, with one kind of error for everything that can go wrong.

    Raises:
        BrokenImportError: Whatever the import raised, as its cause.
    """
    try:
        return importlib.import_module(name)
    except Exception as error:  # other people's modules may raise anything while they are imported
        raise BrokenImportError(_line_about(error)) from error
