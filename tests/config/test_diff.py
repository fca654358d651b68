"""Differences between trees."""

import pytest

from foldformer.config.diff import ABSENT, Difference, diff


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}, "d": None}, [("a.b", 1, ABSENT), ("a.c", 2, 3), ("d", ABSENT, None)]),
        ({"a": [1, {"x": 1}]}, {"a": [1, {"x": 2}, 3]}, [("a.1.x", 1, 2), ("a.2", ABSENT, 3)]),
        ({"a": [1]}, {"a": []}, [("a.0", 1, ABSENT)]),
        ({"a": [1]}, {"a": {"0": 1}}, [("a", [1], {"0": 1})]),
        ({"a": None}, {}, [("a", None, ABSENT)]),
        (1, 2, [("", 1, 2)]),
    ],
)
def test_differences_are_found_by_path(left, right, expected):
    assert diff(left, right) == [Difference(*each) for each in expected]
    assert diff(right, left) != [] or not expected


def test_order_of_keys_is_no_difference():
    assert diff({"a": 1, "b": 2}, {"b": 2, "a": 1}) == []
