"""The schema: what a value in a file may be, as small values that *check*, *build* and every printer of schemas read.

Type hints become these in `hints.py`. Nothing else in the package looks at type hints.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from overrides import overrides

from foldformer.config.nearest import an, join, one_of, show

CONTAINERS: dict[type, str] = {
    list: "a list",
    tuple: "a list",
    set: "a list without repetitions",
    frozenset: "a list without repetitions",
}


@dataclass(frozen=True)
class Node:
    """What a value may be."""

    def expected(self) -> str:
        """The phrase after "expected" in an error."""
        raise NotImplementedError


@dataclass(frozen=True)
class Anything(Node):
    """Any plain data, handed over as a copy.

    Args:
        label: What the hint calls it.
    """

    label: str = "anything"

    @overrides
    def expected(self) -> str:
        """The hint's own word."""
        return self.label


@dataclass(frozen=True)
class Null(Node):
    """Only null."""

    @overrides
    def expected(self) -> str:
        """As a file spells it."""
        return "null"


@dataclass(frozen=True)
class Boolean(Node):
    """`true` or `false`; no number."""

    @overrides
    def expected(self) -> str:
        """As a file spells it."""
        return "true or false"


@dataclass(frozen=True)
class Integer(Node):
    """A whole number; neither `1.0` nor `true`."""

    @overrides
    def expected(self) -> str:
        """In words."""
        return "an integer"


@dataclass(frozen=True)
class Number(Node):
    """Any number, whole ones too; becomes a float."""

    @overrides
    def expected(self) -> str:
        """In words."""
        return "a number"


@dataclass(frozen=True)
class Text(Node):
    """A string."""

    @overrides
    def expected(self) -> str:
        """In words."""
        return "a string"


@dataclass(frozen=True)
class FilePath(Node):
    """A string that becomes a `pathlib.Path`."""

    @overrides
    def expected(self) -> str:
        """In words."""
        return "a path (a string)"


@dataclass(frozen=True)
class Choice(Node):
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
        """The values."""
        return join([show(written(value)) for value in self.values])


@dataclass(frozen=True)
class Member(Node):
    """A member of an `Enum`, written as its value or its name.

    Args:
        cls: The enumeration.
    """

    cls: type[enum.Enum]

    @overrides
    def expected(self) -> str:
        """Values where a file can hold them, otherwise names."""
        return join([show(written(member)) for member in self.cls])


def written(member: Any) -> Any:
    """How a file spells a member of an enumeration: its value where a file can hold it, otherwise its name.

    What is no member of an enumeration is spelled as it is.
    """
    if not isinstance(member, enum.Enum):
        return member
    return member.value if isinstance(member.value, (str, int, float, bool)) else member.name


@dataclass(frozen=True)
class Items(Node):
    """A list of any length.

    Args:
        item: What each entry may be.
        container: What is built: list, tuple, set or frozenset.
    """

    item: Node
    container: type = list

    @overrides
    def expected(self) -> str:
        """With its entries."""
        return f"{CONTAINERS[self.container]} ({self.item.expected()} each)"


@dataclass(frozen=True)
class Row(Node):
    """A list of fixed length, which becomes a tuple.

    Args:
        items: What each place may hold.
    """

    items: tuple[Node, ...]

    @overrides
    def expected(self) -> str:
        """With its places."""
        return f"a list of exactly {len(self.items)} ({', '.join(item.expected() for item in self.items)})"


@dataclass(frozen=True)
class Table(Node):
    """A block with free keys.

    Args:
        key: What the keys may be; a file holds strings, from which integers and the like are read.
        value: What the values may be.
        container: What is built: dict, or something that is made from one.
    """

    key: Node
    value: Node
    container: type = dict

    @overrides
    def expected(self) -> str:
        """With its values."""
        return f"a block ({self.value.expected()} under each key)"


@dataclass(frozen=True)
class Either(Node):
    """A union. Which option is meant shows in the value's shape, in `type`, or in what fits first.

    Args:
        options: At least two, none of them an `Either`.
    """

    options: tuple[Node, ...]

    @overrides
    def expected(self) -> str:
        """All options, null last."""
        ordered = sorted(self.options, key=lambda option: isinstance(option, Null))
        return join([option.expected() for option in ordered])


@dataclass(frozen=True)
class Component(Node):
    """A block that becomes an object: a registered implementation of `cls`, or `cls` itself.

    Args:
        cls: A `FromParams` class, a dataclass, or the base class of a registry.
        arguments: What the type variables of a generic class stand for.
    """

    cls: type
    arguments: tuple[tuple[Any, Node], ...] = ()

    @overrides
    def expected(self) -> str:
        """The class."""
        return f"{an(self.cls.__name__)} block"


@dataclass(frozen=True)
class Record(Node):
    """A block with the keys of a `TypedDict`, which stays a dict.

    Args:
        cls: The `TypedDict`.
        fields: Name, node and whether the key must be there.
    """

    cls: Any
    fields: tuple[tuple[str, Node, bool], ...] = field(compare=False)

    @overrides
    def expected(self) -> str:
        """With its keys."""
        return (
            f"a block with {one_of([name for name, _, _ in self.fields], 'and')}" if self.fields else "an empty block"
        )


@dataclass(frozen=True)
class Later(Node):
    """A block that is checked now and built when `Lazy.construct` is called.

    Args:
        node: What it will become.
        provides: Arguments that `construct` will be given; None where nobody said, and missing ones are not judged.
    """

    node: Node
    provides: frozenset[str] | None = None

    @overrides
    def expected(self) -> str:
        """What it will become."""
        return self.node.expected()


@dataclass(frozen=True)
class ClassName(Node):
    """A class, by its registered name or its path (`Type[X]`).

    Args:
        base: What it must derive from.
    """

    base: type

    @overrides
    def expected(self) -> str:
        """The base."""
        return f"the name of {an(self.base.__name__)} class"


CURE_OF_FOREIGN = "; to build one from a file, derive the class from FromParams or make it a dataclass"


@dataclass(frozen=True)
class Foreign(Node):
    """An object of a class that no file can describe; only code can hand one over.

    Args:
        cls: The class.
    """

    cls: type

    @overrides
    def expected(self) -> str:
        """What to do about it."""
        return f"{an(self.cls.__module__)}.{self.cls.__qualname__} object, which only code can pass{CURE_OF_FOREIGN}"


@dataclass(frozen=True)
class Unusable(Node):
    """A parameter that cannot be set from a file.

    Args:
        reason: Why, and what to change in the code.
    """

    reason: str

    @overrides
    def expected(self) -> str:
        """The reason."""
        return f"an object that only code can pass ({self.reason})"
