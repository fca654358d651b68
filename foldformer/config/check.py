"""Check data against type hints: every problem in one go, nothing built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from foldformer.config import check_components, check_unions, check_values  # noqa: F401  (they bring the visitors)
from foldformer.config.errors import Problem
from foldformer.config.hints import node_of
from foldformer.config.params import Params
from foldformer.config.places import place_of
from foldformer.config.steps import Step, run
from foldformer.config.walk import Context, visit


def check(target: Any, data: Any, *, given: Iterable[str] = (), path: str = "") -> list[Problem]:
    """Find everything that is wrong with data for a type hint.

    Args:
        target: A class or any other type hint; `Experiment` for a whole file.
        data: Plain data or `Params`; stays as it is.
        given: Names of the extras that `build` will get, which the data need not hold.
        path: Where the data stand in their file.

    Returns:
        The problems in the order of the constructors' parameters; empty where `build` will make every constructor call.
    """
    context = Context(given=frozenset(given))
    examine(target, data, path, context)
    return context.problems


def examine(target: Any, data: Any, path: str, context: Context) -> Step:
    """Hold data against a type hint: problems go to the context, and the steps that build come back."""
    path, value = plain(data, path)
    return run(visit(node_of(target), value, place_of(path), context))


def plain(data: Any, path: str) -> tuple[str, Any]:
    """The path and the plain data of what may be `Params`."""
    if isinstance(data, Params):
        return path or data.history.rstrip("."), data.as_dict(quiet=True)
    return path, data
