"""Single values: null, booleans, numbers, strings, choices, and what no file can hold."""

# ruff: noqa: ARG002  (methods of one base class)

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from overrides import overrides

from foldformer.config.check.bounds import UNBOUNDED, Range
from foldformer.config.check.context import Context
from foldformer.config.check.node import NO_MATCH, Node, is_instance
from foldformer.config.check.place import Place
from foldformer.config.check.steps import Copy, Ready, Step
from foldformer.config.nearest import an, did_you_mean, join, show

LARGEST_WHOLE = 2**1023  # below this every integer has a float near it
CURE_OF_FOREIGN = "; to build one from a file, derive the class from FromParams or make it a dataclass"


@dataclass(frozen=True)
class Anything(Node):
    """Any plain data, handed over as a copy.

    Args:
        label: What the hint calls it.
    """

    label: str = "anything"

    @overrides
    def expected(self) -> str:
        return self.label

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        return Copy(value)

    @overrides
    def fits(self, value: Any) -> bool:
        return True

    @overrides
    def convert(self, value: Any) -> Any:
        return value


@dataclass(frozen=True)
class Unannotated(Anything):
    """Plain data for a parameter without a type hint.

    Args:
        cure: What to write into the code.
    """

    cure: str = ""

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        context.warn(place, f"is not checked: {self.cure}")
        return Copy(value)


@dataclass(frozen=True)
class Single(Node):
    """A value without parts, which `convert` judges."""

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        result = self.convert(value)
        if result is not NO_MATCH:
            return Ready(result)
        return context.refuse(place, value, self.expected() + did_you_mean(value, self.spellings()))

    @overrides
    def fits(self, value: Any) -> bool:
        return self.convert(value) is not NO_MATCH


@dataclass(frozen=True)
class Null(Single):
    """Only null."""

    phrase = "null"

    @overrides
    def convert(self, value: Any) -> Any:
        return None if value is None else NO_MATCH


@dataclass(frozen=True)
class Boolean(Single):
    """`true` or `false`; also the integers 0 and 1, as in AllenNLP, with a warning."""

    phrase = "true or false"

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        if type(value) is int and value in (0, 1):
            context.warn(place, f"got {value}, taken as {show(bool(value))}; write {show(bool(value))}")
        return super().check(value, place, context)

    @overrides
    def convert(self, value: Any) -> Any:
        return bool(value) if type(value) in (bool, int) and value in (0, 1) else NO_MATCH


@dataclass(frozen=True)
class Integer(Single):
    """A whole number; neither `1.0` nor `true`.

    Args:
        bounds: Which it may be.
    """

    bounds: Range = UNBOUNDED

    @overrides
    def expected(self) -> str:
        return f"an integer{self.bounds}"

    @overrides
    def convert(self, value: Any) -> Any:
        return value if type(value) is int and self.bounds.holds(value) else NO_MATCH


@dataclass(frozen=True)
class Number(Single):
    """Any number, whole ones too; becomes a float.

    Args:
        bounds: Which it may be.
    """

    bounds: Range = UNBOUNDED

    @overrides
    def expected(self) -> str:
        return f"a number{self.bounds}"

    @overrides
    def convert(self, value: Any) -> Any:
        # No float holds an integer of 400 digits; `float` would raise.
        fits = type(value) is float or (type(value) is int and abs(value) < LARGEST_WHOLE)
        return float(value) if fits and self.bounds.holds(value) else NO_MATCH


@dataclass(frozen=True)
class Text(Single):
    """A string."""

    phrase = "a string"

    @overrides
    def convert(self, value: Any) -> Any:
        return value if isinstance(value, str) else str(value) if isinstance(value, Path) else NO_MATCH


@dataclass(frozen=True)
class Expression(Text):
    """A regular expression."""

    phrase = "a regular expression"

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        try:
            re.compile(value if isinstance(value, str) else "")
        except re.error as error:
            return context.refuse(place, value, f"{self.phrase}: {error}")
        return super().check(value, place, context)


RegularExpression = Annotated[str, Expression()]


@dataclass(frozen=True)
class FilePath(Single):
    """A string that becomes a `pathlib.Path`."""

    phrase = "a path (a string)"

    @overrides
    def convert(self, value: Any) -> Any:
        return Path(value) if isinstance(value, (str, Path)) else NO_MATCH


@dataclass(frozen=True)
class Choice(Single):
    """One of the values of a `Literal`.

    Args:
        values: The values, in the hint's order.
    """

    values: tuple[Any, ...]
    kinds: tuple[type, ...] = field(init=False, repr=False)  # Literal[1] is not Literal[True], though 1 == True

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", tuple(map(type, self.values)))

    @overrides
    def expected(self) -> str:
        return join([show(written(value)) for value in self.values])

    @overrides
    def convert(self, value: Any) -> Any:
        for each in self.values:
            spelled = written(each)
            if (type(spelled) is type(value) and spelled == value) or each is value:
                return each
        return NO_MATCH

    @overrides
    def spellings(self) -> Sequence[str]:
        return [spelling for value in self.values if isinstance(spelling := written(value), str)]


@dataclass(frozen=True)
class Member(Single):
    """A member of an `Enum`, written as its value or its name.

    Args:
        cls: The enumeration.
    """

    cls: type[enum.Enum]

    @overrides
    def expected(self) -> str:
        return join([show(written(member)) for member in self.cls])

    @overrides
    def convert(self, value: Any) -> Any:
        if isinstance(value, self.cls):
            return value
        for member in self.cls:
            if type(member.value) is type(value) and member.value == value:
                return member
        return self.cls.__members__.get(value, NO_MATCH) if isinstance(value, str) else NO_MATCH

    @overrides
    def spellings(self) -> Sequence[str]:
        return [spelling for member in self.cls if isinstance(spelling := written(member), str)]


@dataclass(frozen=True)
class Foreign(Single):
    """An object of a class that no file can describe; only code can hand one over.

    Args:
        cls: The class.
    """

    cls: type

    @overrides
    def expected(self) -> str:
        return f"{an(self.cls.__module__)}.{self.cls.__qualname__} object, which only code can pass{CURE_OF_FOREIGN}"

    @overrides
    def convert(self, value: Any) -> Any:
        return value if is_instance(value, self.cls) else NO_MATCH


@dataclass(frozen=True)
class Unusable(Node):
    """A parameter that cannot be set from a file.

    Args:
        reason: Why, and what to change in the code.
    """

    reason: str

    @overrides
    def expected(self) -> str:
        return f"an object that only code can pass ({self.reason})"

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        return context.report(place, f"got {show(value)}, but cannot be set from a file: {self.reason}")

    @overrides
    def fits(self, value: Any) -> bool:
        return False


def written(member: Any) -> Any:
    """How a file spells a member of an enumeration: its value where a file can hold it, otherwise its name.

    What is no member of an enumeration is spelled as it is.
    """
    if not isinstance(member, enum.Enum):
        return member
    return member.value if isinstance(member.value, (str, int, float, bool)) else member.name
