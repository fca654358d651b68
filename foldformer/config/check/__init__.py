"""The second step: hold data against type hints, report every problem in one go, build nothing.

A type hint becomes a *node* (`hints.py`), a constructor a *signature* of nodes (`signature.py`). A node knows what it
expects, whether a value has its shape, and how to check one (`values.py`, `containers.py`, `components.py`,
`unions.py`): problems go to the *context*, and what comes back is a *step* (`steps.py`), which `build` performs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from foldformer.config.check.context import Context
from foldformer.config.check.hints import node_of
from foldformer.config.check.place import Place, place_of
from foldformer.config.check.steps import Step
from foldformer.config.errors import Problem
from foldformer.config.params import Params
from foldformer.config.read.depth import TOO_DEEP, is_too_deep


@dataclass(frozen=True)
class Review:
    """What *check* found.

    Args:
        problems: What is wrong, in the order of the constructors' parameters.
        warnings: What is taken all the same, but should be written in another way.
    """

    problems: list[Problem]
    warnings: list[Problem]


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
    return review(target, data, given=given, path=path).problems


def review(target: Any, data: Any, *, given: Iterable[str] = (), path: str = "") -> Review:
    """As `check`, with warnings."""
    context = Context(given=frozenset(given))
    examine(target, data, path, context)
    return Review(context.problems, context.warnings)


def examine(target: Any, data: Any, path: str, context: Context) -> Step:
    """Hold data against a type hint: problems go to the context, and the step that builds comes back."""
    return examine_with(node_of(target).check, data, path, context)


def examine_with(checker: Callable[[Any, Place, Context], Step], data: Any, path: str, context: Context) -> Step:
    """As `examine`, with a function that checks the plain data."""
    if isinstance(data, Params):
        path, data = path or data.history.rstrip("."), data.as_dict(quiet=True)
    place = place_of(path)
    return context.report(place, TOO_DEEP) if is_too_deep(data) else checker(data, place, context)
