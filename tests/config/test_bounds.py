"""Bounds of numbers, the checks that a class adds to its block, and warnings."""

import dataclasses
from typing import Annotated

import pytest

from foldformer.config import (
    AtLeastOne,
    ConfigurationError,
    Fraction,
    FromParams,
    NotNegative,
    Problem,
    Provides,
    Range,
    RegularExpression,
    build,
    check,
    review,
)
from foldformer.config.schema import json_schema

BAD = [
    (AtLeastOne, 0, "got 0; expected an integer of at least 1"),
    (NotNegative, -1, "got -1; expected an integer of at least 0"),
    (Fraction, 1.01, "got 1.01; expected a number from 0 to 1"),
    (Fraction, float("nan"), "got NaN; expected a number from 0 to 1"),
    (Annotated[float, Range(above=0)], 0, "got 0; expected a number above 0"),
    (Annotated[float, Range(max=2.5)], 3, "got 3; expected a number of at most 2.5"),
    (Annotated[float, Range(above=0, max=1)], 2, "got 2; expected a number above 0 and of at most 1"),
    (Annotated[float, Range(min=0, below=1)], 1, "got 1; expected a number of at least 0 and below 1"),
    (AtLeastOne | None, 0, "got 0; expected an integer of at least 1 or null"),
    (Annotated[int | None, Range(min=1)], 0, "got 0; expected an integer of at least 1 or null"),
    (Annotated[list[int], Range(min=1)], [1, 0], "1: got 0; expected an integer of at least 1"),
    (AtLeastOne, True, "got true; expected an integer of at least 1"),
    (
        RegularExpression,
        "(a",
        'got "(a"; expected a regular expression: missing ), unterminated subpattern at position 0',
    ),
    (list[RegularExpression], ["a.*", 3], "1: got 3; expected a regular expression"),
]


@pytest.mark.parametrize(("hint", "value", "message"), BAD, ids=lambda each: str(each)[:40])
def test_a_number_out_of_bounds_is_refused(hint, value, message):
    assert [str(each) for each in check(hint, value)] == [message]


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (AtLeastOne, 1),
        (NotNegative, 0),
        (Fraction, 0),
        (Fraction, 1.0),
        (Annotated[float, Range(above=0)], 0.1),
        (Annotated[AtLeastOne, Provides("x")], 1),
        (AtLeastOne | None, None),
        (RegularExpression, "a.*"),
    ],
    ids=str,
)
def test_a_number_within_bounds_is_taken(hint, value):
    assert check(hint, value) == []
    assert build(hint, value) == value


class Sampler(FromParams):
    """Draws.

    Args:
        size: How many.
        rate: How often.
    """

    def __init__(self, size: AtLeastOne, rate: Annotated[float, Range(above=0, max=1)] = 1.0) -> None:
        self.size, self.rate = size, rate


def test_the_schema_shows_bounds():
    properties = json_schema(Sampler)["$defs"]["Sampler"]["properties"]
    assert properties["size"] == {"type": "integer", "minimum": 1, "description": "How many."}
    assert properties["rate"]["exclusiveMinimum"] == 0
    assert properties["rate"]["maximum"] == 1


class Span(FromParams):
    """Checks what hints cannot say."""

    def __init__(self, start: int, end: int, inner: "Span | None" = None) -> None:
        self.start, self.end = start, end

    @classmethod
    def check_block(cls, block):
        """An end after its start."""
        if block["end"] < block["start"]:
            yield Problem("end", f"got {block['end']}; expected at least start, {block['start']}")


@dataclasses.dataclass
class Spans:
    """Holds some."""

    spans: list[Span]


def test_a_class_adds_checks_of_its_own_to_its_block():
    data = {"spans": [{"start": 0, "end": 1}, {"start": 0, "end": 1, "inner": {"start": 5, "end": 3}}]}
    assert [str(each) for each in check(Spans, data)] == ["spans.1.inner.end: got 3; expected at least start, 5"]
    with pytest.raises(ConfigurationError, match=r"^spans\.1\.inner\.end: got 3"):
        build(Spans, data)


def test_checks_of_its_own_are_asked_only_where_type_hints_find_nothing():
    assert [each.path for each in check(Span, {"start": 3, "end": "x"})] == ["end"]
    assert [each.path for each in check(Span, {"start": 3})] == ["end"]


def test_one_and_zero_are_booleans_with_a_warning():
    assert build(list[bool | None], [1, 0, True, None]) == [True, False, True, None]
    assert all(type(each) is bool for each in build(list[bool], [1, 0]))
    found = review(dict[str, bool], {"a": 1, "b": 0, "c": True})
    assert found.problems == []
    assert [str(each) for each in found.warnings] == [
        "a: got 1, taken as true; write true",
        "b: got 0, taken as false; write false",
    ]


def test_options_that_were_tried_in_vain_leave_no_warnings():
    @dataclasses.dataclass
    class Flag:
        on: bool

    @dataclasses.dataclass
    class Other:
        on: bool
        more: int

    assert [each.path for each in review(Flag | Other, {"on": 1, "more": 2}).warnings] == ["on"]
