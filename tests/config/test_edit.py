"""The text of a Jsonnet file is changed no more than other data ask for."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foldformer.config.edit import rewritten
from foldformer.config.read import read_text


def evaluate(text: str) -> Any:
    return read_text(text, source="text", ext_vars={"SIZE": 8})


def changed(text: str, after: Any) -> str | None:
    return rewritten(text, evaluate(text), after, evaluate)


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        pytest.param("{ a: 1, b: 2 }", {"a": 1, "c": 2}, "{ a: 1, c: 2 }", id="renamed"),
        pytest.param('{"a": 1, "b": 2}', {"a": 1, "c": 2}, '{"a": 1, "c": 2}', id="renamed in quotes"),
        pytest.param("{'a': 1}", {"local": 1}, "{'local': 1}", id="renamed in single quotes"),
        pytest.param("{ a: 1 }", {"for": 1}, '{ "for": 1 }', id="a word of Jsonnet needs quotes"),
        pytest.param("{ a: 1, b: 2 }", {"a": 1}, "{ a: 1 }", id="last one removed"),
        pytest.param("{ a: 1, b: 2, }", {"b": 2}, "{ b: 2, }", id="first one removed"),
        pytest.param("{ a: 1 }", {}, "{  }", id="only one removed"),
        pytest.param("{ a: 1 }", {"a": 1, "b": {"c": [2]}}, "{ a: 1, b: { c: [2] } }", id="added"),
        pytest.param("{}", {"a": "x"}, '{ "a": "x" }', id="added to nothing"),
        pytest.param("{ a: [1] }", {"a": [1, 2]}, "{ a: [1, 2] }", id="added to a list"),
        pytest.param("{ a: [{b: 1}, 2] }", {"a": [{"c": 1}, 2]}, "{ a: [{c: 1}, 2] }", id="changed in a list"),
        pytest.param("{ a: [1, 2] }", {"a": [2]}, "{ a: [2] }", id="list written again"),
        pytest.param("{ a: 'x' }", {"a": "y"}, "{ a: 'y' }", id="string in the file's quotes"),
        pytest.param("{ a: 'x' }", {"a": "it's"}, '{ a: "it\'s" }', id="string with a quote in it"),
        pytest.param(
            "{\n  a: 1,  // one\n  b: 2,  // two\n  // three\n  c: 3,\n}\n",
            {"a": 1, "c": 3},
            "{\n  a: 1,  // one\n  // three\n  c: 3,\n}\n",
            id="a line goes with its comment",
        ),
        pytest.param(
            '{\n  "a": 1,\n  "b": 2\n}\n',
            {"a": 1},
            '{\n  "a": 1\n}\n',
            id="JSON has no comma at the end",
        ),
        pytest.param(
            "{\n  a: 1  # one\n}\n",
            {"a": 1, "b": 2},
            "{\n  a: 1,  # one\n  b: 2\n}\n",
            id="added after a comment",
        ),
        pytest.param(
            "local size = 3; { old: { size: size, by: std.extVar('SIZE'), x: 1 } }",
            {"new": {"inner": {"size": 3, "by": 8}}},
            "local size = 3; { new: { inner: { size: size, by: std.extVar('SIZE') } } }",
            id="expressions are written again",
        ),
        pytest.param(
            "{\n  old: [\n    1,  // one\n  ],\n}\n",
            {"old": {"list": [1]}},
            "{\n  old: {\n    list: [\n      1,  // one\n    ]\n  },\n}\n",
            id="a value moves in with its comments",
        ),
        pytest.param(
            "local inner = { a: 1 }; { outer: inner }",
            {"outer": {"b": 1}},
            "local inner = { b: 1 }; { outer: inner }",
            id="in a variable",
        ),
        pytest.param(
            "local x = { a: 1 }; { p: x, q: x }",
            {"p": {"b": 1}, "q": {"a": 1}},
            None,
            id="in a variable that others use",
        ),
        pytest.param(
            "{ a: 1 } + { b: { c: 2 } }", {"a": 1, "b": {"d": 2}}, "{ a: 1 } + { b: { d: 2 } }", id="in a sum"
        ),
        pytest.param(
            "{ a: 1 } + { b+: { c: 2 } }", {"z": 1, "b": {"c": 2}}, "{ z: 1 } + { b+: { c: 2 } }", id="in its first"
        ),
        pytest.param("function(n) { a: n }", None, None, id="no data"),
        pytest.param("{ a: 1, b: self.a }", {"c": 1, "b": 1}, None, id="referred to by its name"),
        pytest.param("{ [x]: 1 for x in ['a'] }", {"b": 1}, None, id="made by a loop"),
        pytest.param("local f() = { a: 1 }; f()", {"b": 1}, None, id="made by a function"),
        pytest.param("if true then { a: 1 } else { a: 1 }", {"b": 1}, None, id="chosen"),
        pytest.param(
            "{ s: |||\n    a: { text\n  |||, t: @'it''s: {', a: '\\'{', /* { */ b: 1 }",
            {"s": "a: { text\n", "t": "it's: {", "a": "'{", "c": 1},
            "{ s: |||\n    a: { text\n  |||, t: @'it''s: {', a: '\\'{', /* { */ c: 1 }",
            id="brackets in strings and comments",
        ),
    ],
)
def test_text_is_changed_where_the_data_are(text: str, after: Any, expected: str | None) -> None:
    if after is None:
        assert rewritten(text, {}, {"a": 1}, lambda new: read_text(new, source="x", arguments={"n": 2})) is None
    else:
        assert changed(text, after) == expected


def test_line_ends_of_windows_stay() -> None:
    text = '{\r\n  "a": 1,\r\n  "b": {"c": 2},\r\n  "d": 3\r\n}\r\n'
    assert changed(text, {"a": 1, "b": {"x": 2}}) == '{\r\n  "a": 1,\r\n  "b": {"x": 2}\r\n}\r\n'


keys = st.sampled_from(["a", "b", "c c", "local", "ä", "1"])
data = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["x", "{", "// y", "it's", '"', "a\nb"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(keys, data, max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(objects, objects, st.sampled_from([None, 1, 2]))
def test_json_can_always_be_rewritten_and_stays_json(before: Any, after: Any, indent: int | None) -> None:
    text = json.dumps(before, indent=indent)
    new = rewritten(text, before, after, json.loads)
    assert new is not None
    assert json.loads(new) == after
