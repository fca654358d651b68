"""Make imports that were written for transformers 2 and 3 find what transformers has today."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import distribution
from importlib.util import find_spec
from types import ModuleType

_MOVED = re.compile(r"transformers\.((?:configuration|modeling|tokenization)_(\w+))")
"""`transformers.modeling_bert` is `transformers.models.bert.modeling_bert` since version 4."""


class MovedModules(MetaPathFinder, Loader):
    """Finds modules of transformers 2 and 3 below `transformers.models`, where nothing else finds them."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """The module's spec; None where no module has moved from there."""
        today = _path_of_today(fullname)
        return None if today is None or not _is_there(today) else ModuleSpec(fullname, self)

    def exec_module(self, module: ModuleType) -> None:
        """Put today's module in the place of this one."""
        today = _path_of_today(module.__name__)
        assert today is not None
        sys.modules[module.__name__] = importlib.import_module(today)


def install() -> None:
    """Find moved modules from now on, and the installed transformers before a project's folder of that name.

    Many projects hold a fork of transformers. AllenNLP had imported the installed one before it included them.
    """
    if any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        return
    sys.meta_path.append(MovedModules())
    installed = str(distribution("transformers").locate_file(""))
    sys.path.insert(0, installed)
    try:
        importlib.import_module("transformers")
    finally:
        sys.path.remove(installed)


def _path_of_today(fullname: str) -> str | None:
    match = _MOVED.fullmatch(fullname)
    return None if match is None else f"transformers.models.{match[2]}.{match[1]}"


def _is_there(path: str) -> bool:
    try:
        return find_spec(path) is not None
    except ModuleNotFoundError:  # no model of that name
        return False
