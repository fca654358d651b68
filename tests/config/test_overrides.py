"""Overrides: each matches a place, or is an error."""

import pytest

from foldformer.config.errors import ConfigurationError
from foldformer.config.read.overrides import parse_overrides, with_overrides


def data() -> dict:
    return {"a": {"b": [1, {"x": 2}]}, "c.d": {"e": 1}, "n": None}


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, data()),
        ({"a.b.0": 9}, {**data(), "a": {"b": [9, {"x": 2}]}}),
        ({"a.b.1.x": 9}, {**data(), "a": {"b": [1, {"x": 9}]}}),
        ({"a": {"z": 1}}, {**data(), "a": {"z": 1}}),
        ({"a.b": []}, {**data(), "a": {"b": []}}),
        ({"a.new": 2}, {**data(), "a": {"b": [1, {"x": 2}], "new": 2}}),
        ({"new": 3}, {**data(), "new": 3}),
        ({"c.d.e": 5}, {**data(), "c.d": {"e": 5}}),
        ({"c.d": 5}, {**data(), "c.d": 5}),
        ({"n": 4}, {**data(), "n": 4}),
        ({"a.b.0": 9, "a.b.1.x": 8, "a.y": 7}, {**data(), "a": {"b": [9, {"x": 8}], "y": 7}}),
    ],
)
def test_override_changes_its_place_and_nothing_else(overrides, expected):
    original = data()
    assert with_overrides(original, overrides) == expected
    assert original == data()


def test_longest_key_that_fits_is_meant():
    assert with_overrides({"a": {"b": {"c": 1}}, "a.b": {"c": 1}}, {"a.b.c": 2}) == {
        "a": {"b": {"c": 1}},
        "a.b": {"c": 2},
    }


def test_order_of_keys_is_kept():
    assert list(with_overrides({"b": 1, "a": 2}, {"c": 0, "b": 3})) == ["b", "a", "c"]


def test_result_shares_nothing_with_data_or_overrides():
    original, overrides = data(), {"n": [1]}
    result = with_overrides(original, overrides)
    result["a"]["b"].append(0)
    result["n"].append(0)
    assert original == data()
    assert overrides == {"n": [1]}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"x.y": 1}, r'x\.y matches nothing; the file holds "a", "c\.d" and "n"'),
        ({"a.bb.c": 1}, r'a\.bb\.c matches nothing; a holds "b"; did you mean "b"'),
        ({"a.b.2": 1}, r'a\.b\.2 matches nothing; a\.b holds "0" and "1"'),
        ({"a.b.-1": 1}, r"a\.b\.-1 matches nothing"),
        ({"a.b.0.z": 1}, r"a\.b\.0\.z matches nothing: a\.b\.0 is 1; expected an object or a list"),
        ({"n.z": 1}, r"n\.z matches nothing: n is null"),
        ({"a": 1, "a.b": 2}, r"a\.b and a exclude each other"),
    ],
)
def test_override_that_matches_nothing_is_an_error(overrides, message):
    with pytest.raises(ConfigurationError, match=message):
        with_overrides(data(), overrides)


def test_overrides_are_a_mapping_or_jsonnet_text(monkeypatch):
    monkeypatch.setenv("FROM_ENVIRONMENT", "env")
    assert parse_overrides("") == {}
    assert parse_overrides(None) == {}
    assert parse_overrides({"a.b": 1}) == {"a.b": 1}
    assert parse_overrides('{"a.b": 1 + 1, c: std.extVar("V"), d: std.extVar("FROM_ENVIRONMENT")}', {"V": "v"}) == {
        "a.b": 2,
        "c": "v",
        "d": "env",
    }


@pytest.mark.parametrize(
    ("text", "message"), [("[1]", "expected an object"), ("{a: ", r"overrides:1:\d+: is not Jsonnet"), ("3", 'got "3"')]
)
def test_text_that_is_no_object_is_an_error(text, message):
    with pytest.raises(ConfigurationError, match=message):
        parse_overrides(text)
