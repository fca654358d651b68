# ruff: noqa: UP006, UP007, UP035, UP045  (ported components write `List`, `Optional` and the like)
"""Every kind of hint: what it accepts and makes, and what it refuses. `build` is called on the hint itself."""

import collections
import dataclasses
import enum
import os
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Dict,
    Final,
    Generic,
    List,
    Literal,
    NewType,
    Optional,
    Set,
    Tuple,
    Type,
    TypedDict,
    TypeVar,
    Union,
)

import pytest
import typing_extensions
from typing_extensions import NotRequired, Required

from foldformer.config import ConfigurationError, FromParams, Params, Registrable, build, check

pytestmark = pytest.mark.usefixtures("own_registry")

T = TypeVar("T")
Bounded = TypeVar("Bounded", bound=int)
OneOf = TypeVar("OneOf", int, str)
Width = NewType("Width", int)


class Colour(enum.Enum):
    RED = "red"
    DARK_BLUE = "dark-blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Odd(enum.Enum):
    NOWHERE = ()


@dataclasses.dataclass(frozen=True)
class Point:
    x: float
    y: float = 0.0


@dataclasses.dataclass
class Line:
    start: Point
    end: "Point"
    labels: list[str] = dataclasses.field(default_factory=list)
    length: int = dataclasses.field(default=0, init=False)


@dataclasses.dataclass
class Thick(Line):
    width: dataclasses.InitVar[int] = dataclasses.field(default=1, kw_only=True)
    kind: Final[str] = "solid"

    def __post_init__(self, width):
        self.made_with = width


@dataclasses.dataclass
class Unhashable:
    x: int


class Settings(TypedDict):
    name: str
    size: NotRequired[int]


class Loose(TypedDict, total=False):
    name: Required[str]
    size: int


class Box(FromParams, Generic[T]):
    def __init__(self, item: T, items: Sequence[T] = ()) -> None:
        self.item, self.items = item, items


class NumberBox(Box[int]):
    pass


class Crate(Box[list[T]], Generic[T]):
    pass


class Deep(Crate[bool]):
    pass


class Part(Registrable):
    pass


class Wheel(Part):
    def __init__(self, spokes: int = 0) -> None:
        self.spokes = spokes

    def __eq__(self, other):
        return type(other) is type(self) and other.spokes == self.spokes

    def __hash__(self):
        return hash(self.spokes)


class Stranger:
    pass


class Ducks(typing.Protocol):
    def quack(self) -> None: ...


@pytest.fixture(autouse=True)
def _parts(own_registry):
    Part.register("wheel")(Wheel)


GOOD = [
    (int, 3, 3),
    (int, 10**400, 10**400),
    (float, 1, 1.0),
    (float, 1.5, 1.5),
    (float, float("inf"), float("inf")),
    (bool, True, True),
    (str, "3", "3"),
    (str, Path("a/b"), "a/b"),
    (Path, "a/b", Path("a/b")),
    (os.PathLike, "a", Path("a")),
    (Any, {"a": [1, None]}, {"a": [1, None]}),
    (object, "x", "x"),
    (None, None, None),
    (Optional[int], None, None),
    (Optional[int], 3, 3),
    (int | None, None, None),
    (Union[int, str], "x", "x"),
    (float | int, 3, 3),
    (float | str, 3, 3.0),
    (Literal["a", 1, None], 1, 1),
    (Literal["a", 1, None], None, None),
    (Literal[Colour.RED], "red", Colour.RED),
    (Colour, "dark-blue", Colour.DARK_BLUE),
    (Colour, "DARK_BLUE", Colour.DARK_BLUE),
    (Level, 2, Level.HIGH),
    (Odd, "NOWHERE", Odd.NOWHERE),
    (Level, "HIGH", Level.HIGH),
    (list, [1, "a"], [1, "a"]),
    (List[int], [1, 2], [1, 2]),
    (list[float], [1, 2.5], [1.0, 2.5]),
    (Sequence[Part], [{"type": "wheel"}], [Wheel()]),
    (Iterable[str], ["a"], ["a"]),
    (Collection[int], [], []),
    (dict, {"a": 1}, {"a": 1}),
    (Dict[str, Part], {"a": {"type": "wheel", "spokes": 2}}, {"a": Wheel(2)}),
    (Mapping[int, str], {"3": "x"}, {3: "x"}),
    (dict[int, str], {4: "x"}, {4: "x"}),
    (dict[float, int], {"0.5": 1}, {0.5: 1}),
    (dict[Colour, int], {"red": 1}, {Colour.RED: 1}),
    (dict[Literal["a", "b"], int], {"a": 1}, {"a": 1}),
    (collections.OrderedDict[str, int], {"b": 1, "a": 2}, collections.OrderedDict([("b", 1), ("a", 2)])),
    (Tuple[int, str], [1, "a"], (1, "a")),
    (tuple[int, str], (1, "a"), (1, "a")),
    (tuple[float, ...], [1, 2, 3], (1.0, 2.0, 3.0)),
    (Tuple[Part, ...], ["wheel"], (Wheel(),)),
    (tuple[()], [], ()),
    (Set[int], [1, 2, 2], {1, 2}),
    (set[tuple[int, int]], [[1, 2]], {(1, 2)}),
    (frozenset[str], ["a"], frozenset("a")),
    (set[Part], ["wheel"], {Wheel()}),
    (Width, 3, 3),
    (Annotated[int, "wide"], 3, 3),
    (Annotated[list[int], ["unhashable"]], [3], [3]),
    (Final[int], 3, 3),
    (Callable[[int], str], len, len),
    (Point, {"x": 1}, Point(1.0)),
    (Point, Point(2.0), Point(2.0)),
    (Settings, {"name": "a"}, {"name": "a"}),
    (Loose, {"name": "a", "size": 3}, {"name": "a", "size": 3}),
    (Type[Part], "wheel", Wheel),
    (type[Part], f"{__name__}.Wheel", Wheel),
    (type[Part], Wheel, Wheel),
    (Bounded, 3, 3),
    (OneOf, "a", "a"),
    (T, [1], [1]),
]


@pytest.mark.parametrize(("hint", "value", "expected"), GOOD, ids=lambda each: str(each)[:40])
def test_a_right_value_is_made_into_what_the_hint_says(hint, value, expected):
    assert check(hint, value) == []
    built = build(hint, value)
    assert built == expected
    assert type(built) is type(expected)


BAD = [
    (int, True, "got true; expected an integer"),
    (int, 1.0, "got 1.0; expected an integer"),
    (int, "3", 'got "3"; expected an integer'),
    (int, None, "got null; expected an integer"),
    (float, "3", 'got "3"; expected a number'),
    (float, False, "got false; expected a number"),
    (float, 10**400, "got an integer of 1329 bits; expected a number"),
    (bool, 2, "got 2; expected true or false"),
    (bool, 1.0, "got 1.0; expected true or false"),
    (bool, "true", 'got "true"; expected true or false'),
    (str, 3, "got 3; expected a string"),
    (str, None, "got null; expected a string"),
    (Path, 3, "got 3; expected a path (a string)"),
    (None, 0, "got 0; expected null"),
    (int | None, "x", 'got "x"; expected an integer or null'),
    (Literal["avg", "first"], "average", 'got "average"; expected "avg" or "first"; did you mean "avg"?'),
    (Literal[1, 2], True, "got true; expected 1 or 2"),
    (Literal["avg"] | None, "agv", 'got "agv"; expected "avg" or null; did you mean "avg"?'),
    (Colour, "redd", 'got "redd"; expected "red" or "dark-blue"; did you mean "red"?'),
    (Level, True, "got true; expected 1 or 2"),
    (list[str], "abc", 'got "abc"; expected a list (a string each)'),
    (list[int], {"0": 1}, "got {0}; expected a list (an integer each)"),
    (list[int], [1, "x"], '1: got "x"; expected an integer'),
    (dict[str, int], [1], "got a list of 1; expected a block (an integer under each key)"),
    (dict[str, int], {"a": None}, "a: got null; expected an integer"),
    (dict[int, int], {"a": 1}, 'a: got "a" as a key; expected an integer'),
    (dict[int, int], {"1": 1, 1: 2}, "1: the key 1 stands here twice; expected it once"),
    (tuple[int, str], [1], "got a list of 1; expected a list of exactly 2 (an integer, a string)"),
    (tuple[int, str], [1, "a", 2], "got a list of 3; expected a list of exactly 2 (an integer, a string)"),
    (tuple[int, ...], [1, "a"], '1: got "a"; expected an integer'),
    (Sequence[int], "12", 'got "12"; expected a list (an integer each)'),
    (set[Any], [[1]], "0: got a list of 1; expected a value that can stand in a set: no list, no block"),
    (set[list[int]], [[1]], "0: got a list of 1; expected a value that can stand in a set: no list, no block"),
    (set[Unhashable], [{"x": 1}], "0: got {x}; expected a value that can stand in a set: no list, no block"),
    (Width, "3", 'got "3"; expected an integer'),
    (Point, {"z": 1}, "x: missing; Point needs it: expected a number"),
    (Point, [1, 2], "got a list of 2; expected a Point block"),
    (Settings, {"nam": "a"}, 'nam: Settings has no such parameter; expected "name" or "size"; did you mean "name"?'),
    (Settings, {"name": "a", "size": "b"}, 'size: got "b"; expected an integer'),
    (Loose, {}, "name: missing; Loose needs it: expected a string"),
    (type[Part], "wheell", 'got "wheell"; expected "wheel"; did you mean "wheel"?'),
    (type[Part], f"{__name__}.Stranger", f'got "{__name__}.Stranger"; expected the name of a Part class'),
    (type[Part], 3, "got 3; expected the name of a Part class"),
    (Part, 3, 'got 3; expected a Part block, or the name of one: "wheel"'),
    (Part, "wheell", 'got "wheell"; expected "wheel"; did you mean "wheel"?'),
    (Part, {"type": 3}, "type: got 3; expected the name of a Part, a string"),
    (
        Stranger,
        {},
        f"got {{}}; expected a {__name__}.Stranger object, which only code can pass; "
        "to build one from a file, derive the class from FromParams or make it a dataclass",
    ),
    (Bounded, "a", 'got "a"; expected an integer'),
    (OneOf, 1.5, "got 1.5; expected an integer or a string"),
]


@pytest.mark.parametrize(("hint", "value", "message"), BAD, ids=lambda each: str(each)[:40])
def test_a_wrong_value_is_refused_with_what_was_expected(hint, value, message):
    problems = check(hint, value)
    assert str(problems[0]) == message
    with pytest.raises(ConfigurationError) as caught:
        build(hint, value)
    assert list(caught.value.problems) == problems


def test_nested_dataclasses_are_built_with_defaults_and_factories():
    built = build(Line, {"start": {"x": 1}, "end": {"x": 2, "y": 3}})
    assert built == Line(Point(1.0), Point(2.0, 3.0), [])
    assert check(Line, {"start": {"x": 1}, "end": {"x": 2}, "length": 3})[0].path == "length"


def test_a_dataclass_inherits_fields_and_takes_init_only_ones():
    built = build(Thick, {"start": {"x": 1}, "end": {"x": 2}, "width": 4, "labels": ["a"]})
    assert (built.made_with, built.labels, built.kind) == (4, ["a"], "solid")
    assert [each.path for each in check(Thick, {"start": {"x": 1}, "end": {"x": 2}, "width": "4", "kind": 1})] == [
        "kind",
        "width",
    ]


def test_a_generic_class_is_checked_with_its_arguments():
    assert build(Box[int], {"item": 1, "items": [2]}).items == [2]
    assert str(check(Box[int], {"item": "x"})[0]) == 'item: got "x"; expected an integer'
    assert check(Box[list[Point]], {"item": [{"x": "1"}]})[0].path == "item.0.x"
    assert check(Box, {"item": "anything"}) == []


def test_type_variables_are_bound_by_subclasses_through_several_levels():
    assert check(NumberBox, {"item": "x"})[0].path == "item"
    assert check(Deep, {"item": [True], "items": [[False]]}) == []
    assert str(check(Deep, {"item": [2]})[0]) == "item.0: got 2; expected true or false"
    assert str(check(Crate[str], {"item": [1]})[0]) == "item.0: got 1; expected a string"


def test_literals_that_are_equal_in_python_are_told_apart():
    assert check(Literal[1], True)
    assert check(Literal[True], 1)
    assert check(Box[Literal[True]], {"item": 1})
    assert check(Box[Literal[1]], {"item": True})


def test_plain_data_is_handed_over_as_a_copy():
    data = {"a": [1, {"b": 2}]}
    built = build(Any, data)
    built["a"][1]["b"] = 3
    assert data == {"a": [1, {"b": 2}]}


def test_an_object_passes_where_its_class_is_asked_for():
    stranger = Stranger()
    assert build(Stranger, stranger) is stranger
    assert build(dict[str, Stranger], {"a": stranger})["a"] is stranger


def test_a_protocol_cannot_be_built_but_is_no_crash():
    assert "only code can pass" in str(check(Ducks, {})[0])
    assert "only code can pass" in str(check(Ducks | None, "x")[0])
    assert "expected the name of a Ducks class" in str(check(type[Ducks], f"{__name__}.Stranger")[0])
    assert "expected the name of a Ducks class" in str(check(type[Ducks] | None, Stranger)[0])


def test_a_hint_that_is_none_is_named():
    assert "is not one that a file can fill" in str(check(typing.NoReturn, 1)[0])


def test_params_are_made_where_they_are_asked_for():
    built = build(Params, {"a": {"b": 1}})
    assert isinstance(built, Params)
    assert built.pop("a").pop_int("b") == 1


@dataclasses.dataclass
class Pair(Generic[T]):
    left: T
    right: "list[T]"


def test_a_generic_dataclass_is_checked_with_its_arguments():
    assert build(Pair[int], {"left": 1, "right": [2]}) == Pair(1, [2])
    assert [each.path for each in check(Pair[int], {"left": "a", "right": ["b"]})] == ["left", "right.0"]


def test_a_type_alias_means_what_it_stands_for():
    item = TypeVar("item")
    alias = typing_extensions.TypeAliasType("alias", dict[str, list[int]])
    generic = typing_extensions.TypeAliasType("generic", list[item], type_params=(item,))
    assert str(check(alias, {"a": ["x"]})[0]) == 'a.0: got "x"; expected an integer'
    assert str(check(generic[bool], [2])[0]) == "0: got 2; expected true or false"
