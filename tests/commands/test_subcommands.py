"""What each subcommand shows."""

import json
import subprocess
import sys
from importlib.metadata import entry_points

import jsonschema
import pytest

RAILWAY = ("--include-package", "railway")


def rows_of(output: str) -> list[list[str]]:
    """The cells of a table, which two spaces or more keep apart."""
    return [[cell for cell in line.strip().split("  ") if cell] for line in output.splitlines()]


def test_check_passes_a_good_file(railway, run):
    result = run("check", "good.jsonnet", "other.json", *RAILWAY)
    assert result.output == "good.jsonnet: no errors\nother.json: no errors\n"
    assert result.exit_code == 0


def test_check_shows_all_errors_of_all_files_in_a_table(railway, run):
    result = run("check", "good.jsonnet", "bad.jsonnet", "broken.jsonnet", "missing.jsonnet", *RAILWAY)
    assert result.exit_code == 1
    assert "good.jsonnet: no errors" in result.output
    rows = [[cell.strip() for cell in row] for row in rows_of(result.output)]
    assert [row[:2] for row in rows if row and row[0] == "bad.jsonnet"] == [
        ["bad.jsonnet", "engine.type"],
        ["bad.jsonnet", "stops"],
        ["bad.jsonnet", "stopps"],
    ]
    assert 'did you mean "steam"?' in result.output
    assert "broken.jsonnet:2:11: is not Jsonnet" in result.output
    assert "missing.jsonnet: no such file" in result.output
    assert "5 errors in 3 of 4 files" in result.output


def test_check_can_report_as_json(railway, run):
    result = run("check", "good.jsonnet", "bad.jsonnet", "--format", "json", *RAILWAY)
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert [(each["file"], each["path"]) for each in report] == [
        ("bad.jsonnet", "engine.type"),
        ("bad.jsonnet", "stops"),
        ("bad.jsonnet", "stopps"),
    ]
    assert 'got "abc"; expected a list' in report[1]["message"]
    assert {each["kind"] for each in report} == {"error"}
    assert json.loads(run("check", "good.jsonnet", "--format", "json", *RAILWAY).stdout) == []


DIESEL = """
from railway.components import Engine

@Engine.register("diesel")
class Diesel(Engine):
    def __init__(self, turbo: bool, oil) -> None: ...
"""


def test_check_warns_of_what_works_but_should_change(railway, run):
    (railway / "railway" / "diesel.py").write_text(DIESEL)
    (railway / "old.jsonnet").write_text('{engine: {type: "diesel", turbo: 1, oil: "thick"}}')
    result = run("check", "old.jsonnet", *RAILWAY)
    assert result.exit_code == 0
    assert result.output.startswith("old.jsonnet: no errors\n")
    rows = [[cell.strip() for cell in row] for row in rows_of(result.output)]
    assert ["old.jsonnet", "engine.turbo", "got 1, taken as true; write true"] in rows
    assert [
        "old.jsonnet",
        "engine.oil",
        "is not checked: Diesel does not say what it takes; annotate it, for example `oil: int`",
    ] in rows
    report = json.loads(run("check", "old.jsonnet", "--format", "json", *RAILWAY).stdout)
    assert [(each["path"], each["kind"]) for each in report] == [("engine.turbo", "warning"), ("engine.oil", "warning")]


def test_what_a_package_prints_does_not_mix_with_json(railway, run):
    (railway / "railway" / "loud.py").write_text("print('choo')")
    result = run("check", "good.jsonnet", "--format", "json", *RAILWAY)
    assert json.loads(result.stdout) == []
    assert result.stderr == "choo\n"


def test_check_takes_overrides_variables_and_arguments(railway, run):
    assert run("check", "good.jsonnet", "-o", '{"engine.pressure": "high"}', *RAILWAY).exit_code == 1
    assert run("check", "variable.jsonnet", "--ext-vars", '{"KIND": "steam"}', *RAILWAY).exit_code == 0
    assert run("check", "function.jsonnet", "--arguments", "{pressure: 3}", *RAILWAY).exit_code == 0
    assert run("check", "function.jsonnet", "--arguments", "{pressure: []}", *RAILWAY).exit_code == 1


def test_list_shows_name_summary_and_package(railway, run):
    rows = [[cell.strip() for cell in row] for row in rows_of(run("list", *RAILWAY).output)]
    assert ["Engine", "steam", "Runs on water.", "railway"] in rows
    assert ["Experiment", "default", "A journey of one engine.", "railway"] in rows
    listed = json.loads(run("list", "Engine", "--format", "json", *RAILWAY).stdout)
    assert listed == [
        {"base": "Engine", "name": "electric", "summary": "Runs on a wire.", "package": "railway"},
        {"base": "Engine", "name": "steam", "summary": "Runs on water.", "package": "railway"},
    ]


def test_package_of_a_name_is_the_one_that_registers_it(railway, run):
    (railway / "plugin.py").write_text("from railway.components import *\nEngine.register('saturated')(Steam)")
    listed = json.loads(run("list", "Engine", "--format", "json", "--include-package", "plugin").stdout)
    packages = {each["name"]: each["package"] for each in listed}
    assert packages == {"steam": "railway", "electric": "railway", "saturated": "plugin"}


def test_list_takes_the_path_of_a_base(railway, run):
    assert run("list", "railway.components.Engine", *RAILWAY).output == run("list", "Engine", *RAILWAY).output


def test_describe_shows_types_defaults_and_documentation(railway, run):
    output = run("describe", "Engine", "steam", *RAILWAY).output
    rows = [[cell.strip() for cell in row] for row in rows_of(output)]
    assert output.startswith("Engine steam: railway.components.Steam\n\nRuns on water.\n\nIt needs some time.\n")
    assert "Args:" not in output
    assert ["pressure", "a number", "required", "In bar."] in rows
    assert ["valves", "an integer", "4"] in rows
    assert ["sizes", "a list of exactly 2 (an integer, an integer)", "[1, 2]"] in rows
    assert ["name", "a string", '"boiler"'] in rows
    assert ["fuel", "a string or null", "null"] in rows
    crew = "a list (a threading.Thread object, which only code can pass each) or null"
    assert ["crew", crew, "null"] in rows


def test_describe_can_answer_as_json(railway, run):
    described = json.loads(run("describe", "Engine", "steam", "--format", "json", *RAILWAY).stdout)
    assert described["class"] == "railway.components.Steam"
    assert described["parameters"][0] == {
        "name": "pressure",
        "type": "a number",
        "default": "required",
        "description": "In bar.",
    }


def test_describe_takes_a_class_path(railway, run):
    output = run("describe", "Engine", "railway.components.Electric", *RAILWAY).output
    assert "Runs on a wire." in output


def test_schema_is_printed_or_written(railway, run):
    printed = json.loads(run("schema", *RAILWAY).stdout)
    assert run("schema", "--output", "schema.json", *RAILWAY).output == ""
    assert json.loads((railway / "schema.json").read_text()) == printed
    validator = jsonschema.Draft202012Validator(printed)
    assert validator.is_valid({"engine": {"type": "steam", "pressure": 1}})
    assert not validator.is_valid({"engine": {"type": "steam", "presure": 1}})


def test_resolve_evaluates_the_file(railway, run):
    resolved = run("resolve", "good.jsonnet", "--overrides", '{"stops.0": "there"}')
    assert json.loads(resolved.stdout) == {"engine": {"type": "steam", "pressure": 2}, "stops": ["there"]}


def test_resolve_can_fill_in_defaults(railway, run):
    resolved = run("resolve", "other.json", "--with-defaults", *RAILWAY)
    assert json.loads(resolved.stdout) == {
        "type": "default",
        "engine": {
            "type": "steam",
            "pressure": 3,
            "valves": 4,
            "sizes": [1, 2],
            "name": "boiler",
            "fuel": None,
            "crew": None,
        },
        "stops": ["end"],
    }


def test_diff_shows_what_differs_by_path(railway, run):
    result = run("diff", "good.jsonnet", "other.json")
    rows = [[cell.strip() for cell in row] for row in rows_of(result.output)]
    assert result.exit_code == 1
    assert ["where", "good.jsonnet", "other.json"] in rows
    assert ["engine.pressure", "2", "3"] in rows
    assert ["engine.valves", "(absent)", "4"] in rows
    assert ["stops", '["here"]', "(absent)"] in rows


def test_diff_with_defaults_sees_through_spelled_out_defaults(railway, run):
    result = run("diff", "good.jsonnet", "other.json", "--with-defaults", "--format", "json", *RAILWAY)
    assert json.loads(result.stdout) == [
        {"path": "engine.pressure", "a": 2, "b": 3},
        {"path": "stops.0", "a": "here", "b": "end"},
    ]


def test_diff_of_equal_files_says_so(railway, run):
    result = run("diff", "good.jsonnet", "good.jsonnet")
    assert (result.exit_code, result.output) == (0, "no differences\n")


def test_package_that_fails_to_import_is_reported_and_the_rest_is_listed(railway, run, monkeypatch):
    from foldformer.config import discovery

    failure = discovery.ImportFailure("steamboat", "ImportError: no water")
    monkeypatch.setattr(discovery, "_failures", {"steamboat": failure})
    result = run("list", *RAILWAY)
    assert result.exit_code == 0
    assert "warning: steamboat could not be imported (ImportError: no water)" in result.stderr
    assert "Runs on water." in result.stdout


@pytest.fixture(scope="module")
def listed():
    command = [sys.executable, "-c", "from foldformer.commands import main; main()", "list", "--format", "json"]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(finished.stdout)


def test_components_of_every_entry_point_are_listed_with_their_package(listed):
    announced = {entry.module.partition(".")[0] for entry in entry_points(group="foldformer.components")}
    assert announced <= {each["package"] for each in listed}
