"""Reading files: what they evaluate to, and where an error says it is."""

import os
from pathlib import Path

import pytest

from foldformer.config.errors import ConfigurationError
from foldformer.config.read import read_file, read_text


@pytest.fixture
def write(tmp_path: Path):
    def write(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_json_jsonnet_and_yaml_give_the_same_data(write):
    expected = {"a": {"b": [1, 2.5, "x"]}, "c": None, "d": True}
    json_file = write("f.json", '{"a": {"b": [1, 2.5, "x"]}, "c": null, "d": true}')
    jsonnet_file = write("f.jsonnet", "local x = 'x'; {a: {b: [1, 2.5, x]}, c: null, d: !false}")
    yaml_file = write("f.yaml", "a:\n  b: [1, 2.5, x]\nc:\nd: true\n")
    assert read_file(json_file) == read_file(jsonnet_file) == read_file(yaml_file) == expected


def test_imports_are_relative_to_the_file_that_imports(write, monkeypatch, tmp_path):
    main = write("sub/main.jsonnet", '(import "lib/part.libsonnet") + {text: importstr "../note.txt"}')
    write("sub/lib/part.libsonnet", '{deep: import "deep.json"}')
    write("sub/lib/deep.json", "[1]")
    write("note.txt", "é")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert read_file(main) == {"deep": [1], "text": "é"}
    monkeypatch.chdir(main.parent)
    assert read_file("main.jsonnet") == {"deep": [1], "text": "é"}


def test_extension_variables_come_before_the_environment(write, monkeypatch):
    monkeypatch.setenv("A", "environment")
    monkeypatch.setenv("B", "environment")
    monkeypatch.setenv("N", "environment")
    path = write("f.jsonnet", "[std.extVar(x) for x in ['A', 'B', 'N', 'L']]")
    given = read_file(path, ext_vars={"B": "given", "N": 3, "L": [True]})
    assert given == ["environment", "given", 3, [True]]


def test_missing_extension_variable_is_named_with_its_line(write, monkeypatch):
    monkeypatch.delenv("DATA", raising=False)
    path = write("f.jsonnet", '{\n  a: 1,\n  path: std.extVar("DATA"),\n}')
    with pytest.raises(ConfigurationError, match=r"f\.jsonnet:3: extension variable DATA is missing; set DATA"):
        read_file(path)


def test_environment_that_is_no_utf8_does_not_disturb(write, monkeypatch):
    monkeypatch.setitem(os.environb, b"BROKEN", b"a\xff")
    monkeypatch.setitem(os.environb, b"N\xffAME", b"a")
    assert read_file(write("f.jsonnet", "{a: 1}")) == {"a": 1}
    with pytest.raises(ConfigurationError, match="BROKEN is in the environment, but is not valid UTF-8"):
        read_file(write("g.jsonnet", "{a: std.extVar('BROKEN')}"))
    with pytest.raises(ConfigurationError, match=r"extension variable BROKEN: got .*not valid UTF-8"):
        read_file(write("g.jsonnet", "{}"), ext_vars={"BROKEN": os.environ["BROKEN"]})


def test_top_level_function_takes_arguments(write):
    path = write("f.jsonnet", "// a function\nfunction(n, rate=0.5) {n: n, rate: rate} // end")
    assert read_file(path, arguments={"n": [1], "rate": "x"}) == {"n": [1], "rate": "x"}
    assert read_file(path, arguments={"n": None}) == {"n": None, "rate": 0.5}


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("function(n) {n: n}", {}, r"f\.jsonnet: is a function and got no argument .n.; pass --arguments"),
        ("function(n) {n: n}", {"n": 1, "zz": 2}, "function has no parameter zz"),
        ("{n: 1}", {"n": 1}, r"f\.jsonnet: got arguments .n.; expected none, as it is no function"),
    ],
)
def test_wrong_arguments_are_errors(write, text, arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        read_file(write("f.jsonnet", text), arguments=arguments)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n a: 1,, }", r"f\.jsonnet:2:7: is not Jsonnet: unexpected"),
        ("", r"f\.jsonnet:1:1: is not Jsonnet"),
        ("{a: 1,\n a: 2}", r"f\.jsonnet:2:2: is not Jsonnet: duplicate field: a"),
        ("{a: 'x\n}", r"f\.jsonnet:1:5: is not Jsonnet: unterminated string"),
        ("{a: x}", r"f\.jsonnet:1:5: is not Jsonnet: Unknown variable: x"),
        ("{\n a: $.b}", r"f\.jsonnet:2: field does not exist: b"),
        ("{a: {f: function(x) x}}", r"f\.jsonnet:1: couldn't manifest function"),
        ("local f(x) =\n error 'bad %s' % x;\n{a: f(1)}", r"f\.jsonnet:2: bad 1"),
        ("{a: self.a}", r"f\.jsonnet:1: max stack frames exceeded"),
        ("local f(n) = if n == 0 then {} else {a: f(n - 1)}; f(100000)", r"f\.jsonnet:1: max stack frames"),
        ("{a: import 'missing.jsonnet'}", r"f\.jsonnet:1: couldn't open import.*missing\.jsonnet: no such file"),
        ("{a: import '.'}", r"f\.jsonnet:1: couldn't open import.*cannot be read: Is a directory"),
    ],
)
def test_error_in_jsonnet_says_file_and_line(write, text, message):
    with pytest.raises(ConfigurationError, match=message) as error:
        read_file(write("f.jsonnet", text))
    assert "\n" not in str(error.value)


def test_error_in_an_import_names_the_imported_file(write):
    write("lib.libsonnet", "{\n\n a: error 'no'}")
    with pytest.raises(ConfigurationError, match=r"lib\.libsonnet:3: no"):
        read_file(write("f.jsonnet", "import 'lib.libsonnet'"))


def test_missing_file_is_named_with_the_nearest(write, tmp_path):
    write("experiment.jsonnet", "{}")
    with pytest.raises(ConfigurationError, match=r"experimnt\.jsonnet: no such file; did you mean .*experiment\.json"):
        read_file(tmp_path / "experimnt.jsonnet")
    with pytest.raises(ConfigurationError, match=r"zzz: no such file$"):
        read_file(tmp_path / "nowhere" / "zzz")


def test_folder_and_bytes_are_refused(write, tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read_file(tmp_path)
    with pytest.raises(ConfigurationError, match=r"f\.json: is not UTF-8 text \(byte 7\)"):
        read_file(write("f.json", b'{"a": "\xff"}'))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e-5", 1e-5),
        ("1.5E3", 1500.0),
        (".5", 0.5),
        ("-3", -3),
        ("010", 10),
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2020-01-01", "2020-01-01"),
        ("False", False),
        ("~", None),
        ("1_000", "1_000"),
        ("e5", "e5"),
        (".", "."),
    ],
)
def test_yaml_scalars_mean_what_they_mean_in_json(write, text, expected):
    value = read_file(write("f.yml", f"a: {text}"))["a"]
    assert value == expected
    assert type(value) is type(expected)


def test_yaml_anchors_and_merge_keys_work(write):
    path = write("f.yaml", "base: &b {x: 1, y: 2}\na:\n  <<: *b\n  z: 3\nlist:\n- *b\n")
    assert read_file(path) == {"base": {"x": 1, "y": 2}, "a": {"x": 1, "y": 2, "z": 3}, "list": [{"x": 1, "y": 2}]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [", r"f\.yaml:\d: is not YAML"),
        ("a: 1\na: 2", r"f\.yaml:2: is not YAML: duplicate key .a."),
        ("1: x", r"f\.yaml:1: is not YAML: got the key 1; expected a string"),
        ("a: !!python/object:os.system {}", r"f\.yaml:1: is not YAML"),
        ("a: 1\n---\nb: 2", r"f\.yaml:\d: is not YAML"),
        ("a: \x00", r"f\.yaml: is not YAML"),
    ],
)
def test_error_in_yaml_says_file_and_line(write, text, message):
    with pytest.raises(ConfigurationError, match=message):
        read_file(write("f.yaml", text))


def test_yaml_takes_no_arguments(write):
    with pytest.raises(ConfigurationError, match="a YAML file takes none"):
        read_file(write("f.yaml", "a: 1"), arguments={"n": 1})


def test_text_is_called_what_the_caller_says():
    assert read_text("{a: 1 + 1}", source="here") == {"a": 2}
    with pytest.raises(ConfigurationError, match=r"here:1:\d+: is not Jsonnet"):
        read_text("{a: ", source="here")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("f.jsonnet", "local f(n) = if n == 0 then 1 else {a: f(n - 1)}; f(LEVELS)"),
        ("f.jsonnet", "local f(n) = if n == 0 then 1 else [f(n - 1)]; f(LEVELS)"),
        ("f.yaml", "a: " + "[" * 150 + "]" * 150),
        ("f.yaml", "a: &a [*a]"),
    ],
)
def test_data_that_nest_too_deeply_are_refused(write, name, text):
    with pytest.raises(ConfigurationError, match="is nested more than 150 levels deep"):
        read_file(write(name, text.replace("LEVELS", "151")))
    if name == "f.jsonnet":
        assert read_file(write(name, text.replace("LEVELS", "150")))
