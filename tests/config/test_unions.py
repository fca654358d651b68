"""Unions are resolved by shape or by `type`; a constructor that fails is never a reason to try the next one."""

import dataclasses
from pathlib import Path
from typing import Literal, Union

import pytest

from foldformer.config import FromParams, Lazy, Registrable, build, check, review

pytestmark = pytest.mark.usefixtures("own_registry")


class Reader(Registrable):
    pass


class Loader(Registrable):
    default_implementation = "simple"


class Lines(Reader):
    def __init__(self, path: str = "") -> None:
        self.path = path


class Simple(Loader):
    def __init__(self, workers: int = 0) -> None:
        if workers < 0:
            raise ValueError("workers must not be negative")
        self.workers = workers


@dataclasses.dataclass
class Circle:
    radius: float


@dataclasses.dataclass
class Rectangle:
    width: float
    height: float


@dataclasses.dataclass
class Left:
    child: "Left | Right | int"


@dataclasses.dataclass
class Right:
    child: "Left | Right | int"


class Named(FromParams):
    def __init__(self, name: str) -> None:
        self.name = name


@pytest.fixture(autouse=True)
def _registered(own_registry):
    Reader.register("lines")(Lines)
    Loader.register("simple")(Simple)


def test_a_union_of_components_is_chosen_by_type():
    assert isinstance(build(Reader | Loader, {"type": "simple"}), Simple)
    assert isinstance(build(Union[Loader, Reader], {"type": "lines"}), Lines)  # noqa: UP007


def test_a_block_without_type_goes_to_the_base_that_has_a_default():
    assert build(Reader | Loader, {"workers": 2}).workers == 2


def test_a_type_that_no_member_knows_is_refused_with_the_names_of_all():
    assert [str(each) for each in check(Reader | Loader, {"type": "linse"})] == [
        'type: got "linse"; expected "lines" or "simple"; did you mean "lines"?'
    ]


def test_errors_inside_the_chosen_component_are_its_own():
    assert [str(each) for each in check(Reader | Loader | None, {"type": "simple", "workers": "2", "x": 1})] == [
        'workers: got "2"; expected an integer',
        'x: Simple has no such parameter; expected "workers"',
    ]


def test_an_optional_component_keeps_its_detailed_errors():
    assert [str(each) for each in check(Reader | None, {"type": "linse"})] == [
        'type: got "linse"; expected "lines"; did you mean "lines"?'
    ]
    assert [str(each) for each in check(Reader | None, 3)] == ["got 3; expected a Reader block or null"]


def test_a_failing_constructor_does_not_select_the_next_member():
    with pytest.raises(ValueError, match="must not be negative"):
        build(Loader | dict[str, int], {"workers": -1})


def test_a_string_is_a_name_where_it_is_known_and_text_otherwise():
    assert isinstance(build(Reader | str, "lines"), Lines)
    assert build(Reader | str, "elsewhere") == "elsewhere"
    assert build(str | Reader, "lines") == "lines"
    assert isinstance(build(str | Path, "a"), str)


def test_dataclasses_are_chosen_by_their_keys():
    assert build(Circle | Rectangle, {"width": 1, "height": 2}) == Rectangle(1.0, 2.0)
    assert build(Circle | Rectangle, {"radius": 1}) == Circle(1.0)


def test_the_errors_of_the_member_that_nearly_fits_are_reported():
    assert [each.path for each in check(Circle | Rectangle, {"width": 1, "height": "2"})] == ["height"]


def test_the_member_that_nearly_fits_need_not_be_the_first_or_the_last():
    data = {"width": 1, "height": "2"}
    for hint in (Rectangle | Circle, Circle | Rectangle | Left, Left | Circle | Rectangle):
        assert [str(each) for each in check(hint, data)] == ['height: got "2"; expected a number']


def test_a_list_and_a_single_value_are_told_apart():
    hint = Circle | list[Circle]
    assert build(hint, [{"radius": 1}]) == [Circle(1.0)]
    assert build(hint, {"radius": 1}) == Circle(1.0)
    assert [each.path for each in check(hint, [{"radius": 1}, {"radius": "1"}])] == ["1.radius"]


def test_lists_are_told_apart_by_their_items():
    assert build(list[int] | list[str], ["a"]) == ["a"]
    assert build(tuple[int, int] | list[int], [1, 2]) == (1, 2)
    assert build(tuple[int, int] | list[int], [1, 2, 3]) == [1, 2, 3]


def test_numbers_keep_their_kind():
    assert type(build(float | int, 1)) is int
    assert type(build(int | float, 1.0)) is float
    assert build(bool | int, True) is True
    for hint in (int | bool, bool | int):
        assert type(build(hint, 1)) is int
    for hint in (float | bool, bool | float):
        assert type(build(hint, 1)) is float
        assert review(hint, 1).warnings == []
    assert build(float | Literal["auto"], 1) == 1.0


def test_a_union_with_a_lazy_member():
    assert isinstance(build(Lazy[Reader] | None, "lines"), Lazy)
    assert build(Lazy[Reader] | None, None) is None
    assert isinstance(build(Lazy[Reader] | dict[str, int], {"type": "lines"}), Lazy)
    assert build(Lazy[Reader] | dict[str, int], {"a": 1}) == {"a": 1}


def test_a_value_of_no_member_s_kind_names_them_all():
    assert str(check(int | Circle | None, "x")[0]) == 'got "x"; expected an integer, a Circle block or null'


def test_members_that_look_alike_at_every_level_cost_no_more_than_others():
    data = "wrong"
    for _ in range(200):
        data = {"child": data}
    # Trying every member at every level would take 2 to the power of 200 steps.
    assert len(check(Left | Right, data)) == 1
