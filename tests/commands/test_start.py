"""The command before any subcommand: help, version, completion, what is imported, errors on one line."""

import subprocess
import sys

import pytest

import foldformer
from foldformer.commands.lazy_group import LazyCommand
from foldformer.commands.subcommands import SUBCOMMANDS, Subcommand


def modules_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(*sorted(sys.modules), file=sys.stderr)"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(finished.stderr.split())


HEAVY = {"torch", "transformers", "numpy", "pyarrow", "lightning"}


def test_configuration_imports_no_torch():
    modules = modules_after("import foldformer.config, foldformer.config.schema, foldformer.config.defaults")
    assert "foldformer.config.schema" in modules
    assert not modules & HEAVY


def test_help_imports_no_torch_and_no_subcommand():
    code = "from foldformer.commands import app\ntry:\n  app(['--help'])\nexcept SystemExit: pass"
    modules = modules_after(code)
    assert "foldformer.commands" in modules
    assert not modules & HEAVY
    assert not modules & {each.module for each in SUBCOMMANDS.values()}


def test_resolve_imports_no_torch(railway):
    code = "from foldformer.commands import app\ntry:\n  app(['resolve', 'good.jsonnet'])\nexcept SystemExit: pass"
    modules = modules_after(code)
    assert "foldformer.commands.files.resolve" in modules
    assert not modules & HEAVY


def test_help_has_a_line_for_every_subcommand(run):
    output = run("--help").output
    for name, subcommand in SUBCOMMANDS.items():
        assert any(
            line.split()[1:2] == [name] and subcommand.summary.split()[0] in line for line in output.splitlines()
        )


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_line_of_a_subcommand_is_the_first_of_its_documentation(name):
    assert LazyCommand(name, SUBCOMMANDS[name]).load().help.splitlines()[0] == SUBCOMMANDS[name].summary


def test_module_may_bring_a_group_of_commands(tmp_path, monkeypatch, run):
    (tmp_path / "group_of_two.py").write_text(
        "import typer\n"
        "app = typer.Typer(help='Two at once.', add_completion=False)\n"
        "@app.command()\ndef left() -> None:\n    print('to the left')\n"
        "@app.command()\ndef right() -> None:\n    print('to the right')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(SUBCOMMANDS, "two", Subcommand("group_of_two", "Two at once."))
    assert run("two", "right").output == "to the right\n"
    assert "Two at once." in run("--help").output


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_subcommand_has_help_of_its_own(run, name):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert SUBCOMMANDS[name].summary.split()[0] in result.output
    assert f"foldformer {name}" in result.output


def test_version_is_that_of_the_package(run):
    assert run("--version").output == f"foldformer {foldformer.__version__}\n"


def test_unknown_subcommand_is_an_error_that_names_it(run):
    result = run("chek")
    assert result.exit_code == 2
    assert "chek" in result.stderr


def test_nothing_to_do_shows_help(run):
    assert "Usage: foldformer" in run().output


@pytest.mark.parametrize(
    ("typed", "expected"), [("foldformer re", "resolve"), ("foldformer check --over", "--overrides")]
)
def test_shell_completion_knows_subcommands_and_options(typed, expected):
    environment = {
        "_FOLDFORMER_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
        "_TYPER_COMPLETE_ARGS": typed,
    }
    code = f"import os; os.environ.update({environment})\nfrom foldformer.commands import main\nmain()"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert expected in finished.stdout.split()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["resolve", "nowhere.jsonnet"], "error: nowhere.jsonnet: no such file"),
        (["resolve", "god.jsonnet"], "error: god.jsonnet: no such file; did you mean good.jsonnet?"),
        (["resolve", "broken.jsonnet"], "error: broken.jsonnet:2:11: is not Jsonnet: "),
        (["resolve", "."], "error: .: cannot be read: Is a directory"),
        (["resolve", "variable.jsonnet"], "error: variable.jsonnet:1: extension variable KIND is missing"),
        (["resolve", "variable.jsonnet", "--ext-vars", "KIND=x"], "error: --ext-vars:1:5: is not Jsonnet: "),
        (["resolve", "variable.jsonnet", "--ext-vars", "[1]"], "error: --ext-vars: got [1]; expected an object"),
        (["resolve", "function.jsonnet"], 'error: function.jsonnet: is a function and got no argument "pressure"'),
        (
            ["resolve", "good.jsonnet", "--overrides", '{"engin.type": 1}'],
            "error: overrides: engin.type matches nothing",
        ),
        (["list", "Engin", "--include-package", "railway"], 'did you mean "Engine"?'),
        (["describe", "Engine", "steem", "--include-package", "railway"], 'did you mean "steam"?'),
        (["list", "--include-package", "raylway"], "raylway"),
        (
            ["schema", "--include-package", "railway", "--output", "missing/schema.json"],
            "missing/schema.json: cannot be",
        ),
        (["resolve", "bad.jsonnet", "--with-defaults", "--include-package", "railway"], 'got "steem"'),
    ],
)
def test_user_error_is_said_without_a_traceback(railway, run, arguments, message, monkeypatch):
    monkeypatch.delenv("KIND", raising=False)
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.output
