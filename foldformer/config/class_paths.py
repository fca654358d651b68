"""Find classes by their fully qualified path."""

from __future__ import annotations

import sys
from inspect import getattr_static
from typing import Any

from foldformer.config.discovery import BrokenImportError, attribute, import_module
from foldformer.config.nearest import did_you_mean, show


def find_class(path: str) -> type | str:
    """The class at `package.module.Class` (or `package.module.Outer.Inner`), or why there is none."""
    read_as = f"got {show(path)}, read as the path of a class"
    try:
        module, rest = _import_longest(path)
        found: Any = module
        for part in rest:
            found = attribute(found, part)
    except BrokenImportError as error:
        return f"{read_as}; its module cannot be imported ({error})"
    if isinstance(found, type):
        return found
    names = [name for name, value in vars(module).items() if isinstance(value, type)]
    wanted = ".".join(rest)
    return f"{read_as}; module {module.__name__} has no class {show(wanted)}{did_you_mean(wanted, names)}"


def find_imported_class(path: str) -> type | str:
    """The same among modules that are imported already; nothing is imported, and no module is asked for anything."""
    parts = path.split(".")
    for length in range(len(parts) - 1, 0, -1):
        found: Any = sys.modules.get(".".join(parts[:length]))
        if found is None:
            continue
        for part in parts[length:]:
            found = getattr_static(found, part, None)
        if isinstance(found, type):
            return found
    return f"got {show(path)}, which is no class of a module that is imported"


def _import_longest(path: str) -> tuple[Any, list[str]]:
    """The module that a path begins with, and the names after it."""
    parts = path.split(".")
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        try:
            return import_module(name), parts[length:]
        except BrokenImportError as error:
            # In `package.module.Outer.Inner`, `package.module.Outer` is no module but a class. A module that exists
            # and misses one of its own imports is another matter.
            missing = getattr(error.__cause__, "name", None)
            if length == 1 or not (missing == name or name.startswith(f"{missing}.")):
                raise
    raise BrokenImportError("no module is named")
