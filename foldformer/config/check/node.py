"""The schema of a value: what it may be, what it becomes, and what to say where it does not fit.

Type hints become nodes in `hints.py`. Nothing else in the package looks at type hints.
"""

# ruff: noqa: ARG002  (defaults of the base class)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from foldformer.config.check.context import Context
from foldformer.config.check.place import Place
from foldformer.config.check.steps import Step

NO_MATCH: Any = object()


@dataclass(frozen=True)
class Node:
    """What a value may be."""

    phrase: ClassVar[str]

    def expected(self) -> str:
        """What stands after "expected" in an error."""
        return self.phrase

    def check(self, value: Any, place: Place, context: Context) -> Step:
        """Hold a value against this node: problems go to the context, and the step that builds it comes back."""
        raise NotImplementedError

    def fits(self, value: Any) -> bool:
        """Whether a value has the right shape; what is inside lists and blocks is not looked at."""
        raise NotImplementedError

    def resembles(self, value: Any) -> bool:
        """Whether a value is at least of the right kind, so that its errors are worth reading."""
        return False

    def convert(self, value: Any) -> Any:
        """What a single value becomes, or `NO_MATCH` where it does not fit."""
        return NO_MATCH

    def spellings(self) -> Sequence[str]:
        """The strings that a file may write, where only a few are allowed."""
        return ()


def is_instance(value: object, cls: type) -> bool:
    """`isinstance`, for any class: a Protocol refuses the question."""
    try:
        return isinstance(value, cls)
    except TypeError:
        return False


def is_subclass(cls: object, base: type) -> bool:
    """`issubclass`, for anything: a Protocol with data refuses the question."""
    try:
        return isinstance(cls, type) and issubclass(cls, base)
    except TypeError:
        return False
