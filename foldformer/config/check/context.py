"""What *check* knows, and what it collects, on its way through a file."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from foldformer.config.check.place import Place
from foldformer.config.check.steps import FAILED, Step
from foldformer.config.errors import Problem
from foldformer.config.nearest import show

if TYPE_CHECKING:
    from foldformer.config.check.signature import Signature


class Everything:
    """Contains every name."""

    def __contains__(self, name: object) -> bool:
        return True


@dataclass(frozen=True, eq=False)
class Block:
    """A block of the file that becomes an object.

    Args:
        place: Where it stands.
        type: The name of its implementation, if it could name one.
        signature: What its constructor takes; None for a class that reads its block itself.
        given: Names that are given when the object is built.
    """

    place: Place
    type: str | None
    signature: Signature | None
    given: Container[str]


@dataclass(frozen=True, eq=False)
class Context:
    """What a walk knows and collects.

    Args:
        extras: Objects that are handed down by name.
        given: Further names that will be given when the object is built, though their values are not known yet.
        problems: What is wrong so far.
        warnings: What is taken all the same.
        used: Names of extras and given arguments that something takes.
        tried: Results of trying an option of a union at a place, so that nested unions are not tried again and again.
        chosen: The implementation of every block that becomes an object, for those who fill in its defaults.
    """

    extras: Mapping[str, Any] = field(default_factory=dict)
    given: Container[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    tried: dict[tuple[int, int, str], tuple[Context, Step]] = field(default_factory=dict)
    chosen: list[Block] = field(default_factory=list)

    def report(self, place: Place, message: str) -> Step:
        """Note a problem; gives the step to return in its place."""
        self.problems.append(Problem(str(place), message))
        return FAILED

    def warn(self, place: Place, message: str) -> None:
        """Note what is taken, but should be written in another way."""
        self.warnings.append(Problem(str(place), message))

    def refuse(self, place: Place, value: object, expected: str) -> Step:
        """Note that a value is not what its node expects."""
        return self.report(place, f"got {show(value)}; expected {expected}")

    def apart(self) -> Context:
        """The same knowledge with an empty list of problems, to try something."""
        return replace(self, problems=[], warnings=[], used=set(), chosen=[])

    def adopt(self, other: Context) -> None:
        """Take over what was found apart."""
        self.problems.extend(other.problems)
        self.warnings.extend(other.warnings)
        self.used.update(other.used)
        self.chosen.extend(other.chosen)

    def later(self, provides: frozenset[str] | None) -> Context:
        """The knowledge inside a `Lazy`: its holder hands over further arguments."""
        if provides is None:
            return replace(self, given=Everything(), tried={})
        return replace(self, given=_Both(self.given, provides), tried={})


@dataclass(frozen=True)
class _Both:
    first: Container[str]
    second: Container[str]

    def __contains__(self, name: object) -> bool:
        return name in self.first or name in self.second
