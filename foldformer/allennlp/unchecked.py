"""A decorator `overrides` that checks nothing, as projects of AllenNLP's time know it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

import overrides as library

Method = TypeVar("Method", bound=Callable[..., Any])


@overload
def unchecked(method: Method, **options: bool) -> Method: ...
@overload
def unchecked(method: None = None, **options: bool) -> Callable[[Method], Method]: ...
def unchecked(method: Method | None = None, **options: bool) -> Method | Callable[[Method], Method]:  # noqa: ARG001
    """Mark a method as overriding one, and take it as it is."""
    if method is None:
        return lambda method: unchecked(method)
    setattr(method, "__override__", True)  # noqa: B010  (callables in general have no such attribute)
    return method


def uncheck() -> None:
    """Let `from overrides import overrides` give the decorator that checks nothing, from now on.

    AllenNLP 1 and 2 asked for overrides 3 and older, which compared no signatures. Today's refuses classes that were
    right then: a `_read` without a type hint, a `text_to_instance` with parameters of its own.
    """
    library.overrides = unchecked  # type: ignore[assignment]
    library.override = unchecked  # type: ignore[assignment]
