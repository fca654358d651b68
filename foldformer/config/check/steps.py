"""What *check* leaves for *build*: a value that fitted, as constructor calls that only have to be made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from foldformer.config.check.place import Place

if TYPE_CHECKING:
    from foldformer.config.check.node import Node


@dataclass(frozen=True, eq=False)
class Step:
    """How one value is built."""


@dataclass(frozen=True, eq=False)
class Ready(Step):
    """A value that is used as it is.

    Args:
        value: The value.
    """

    value: Any


@dataclass(frozen=True, eq=False)
class Copy(Step):
    """Plain data that is copied, so that its user cannot change the file's.

    Args:
        value: The data.
    """

    value: Any


@dataclass(frozen=True, eq=False)
class Gather(Step):
    """A list, tuple or set.

    Args:
        container: Makes it from a list.
        parts: Its entries.
    """

    container: type
    parts: list[Step]


@dataclass(frozen=True, eq=False)
class Tabulate(Step):
    """A dict.

    Args:
        container: Makes it from a dict.
        parts: Its entries.
    """

    container: type
    parts: dict[Any, Step]


@dataclass(frozen=True, eq=False)
class Call(Step):
    """A constructor call.

    Args:
        constructor: What to call.
        parts: Its arguments, by name.
        place: Where the block stands.
        makes: The class of the result.
    """

    constructor: Callable[..., Any]
    parts: dict[str, Step]
    place: Place
    makes: type


@dataclass(frozen=True, eq=False)
class CallFromParams(Step):
    """A call of a `from_params` that a class wrote itself.

    Args:
        cls: The class.
        data: The block, without `type` if that was used to find the class.
        constructor: What the block's `type` says to call; None where the class was asked for itself.
        extras: All extras there are; only those that the method takes are passed.
        place: Where the block stands.
    """

    cls: type
    data: Mapping[str, Any]
    constructor: Callable[..., Any] | None
    extras: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, eq=False)
class Postpone(Step):
    """A `Lazy`.

    Args:
        node: What it will build.
        data: From what.
        extras: What is known already.
        provides: What its holder said it will provide.
        place: Where the block stands.
    """

    node: Node
    data: Any
    extras: Mapping[str, Any]
    provides: frozenset[str]
    place: Place


FAILED = Ready(None)  # stands where a problem was reported; never built


def is_hashable(step: Step) -> bool:
    """Whether the value of a step can stand in a set."""
    if isinstance(step, Gather):
        return step.container in (tuple, frozenset) and all(map(is_hashable, step.parts))
    if isinstance(step, Call):
        return step.makes.__hash__ is not None
    if isinstance(step, (Ready, Copy)):
        try:
            hash(step.value)
        except TypeError:
            return False
        return True
    return not isinstance(step, Tabulate)
