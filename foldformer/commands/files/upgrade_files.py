"""`foldformer upgrade`."""

import difflib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from foldformer.commands.options import Arguments, ExtVars, FileOptions
from foldformer.config.edit import rewritten
from foldformer.config.errors import ConfigurationError, Problem
from foldformer.config.old_keys import upgraded
from foldformer.config.read import YAML_SUFFIXES, read_file, read_text
from foldformer.text.atomic import atomic


@dataclass(frozen=True)
class Upgrade:
    """What becomes of a file.

    Args:
        before: Its text.
        after: Its text with today's keys.
        old_keys: What was found.
        is_evaluated: Whether `after` is the evaluated file, without comments and variables.
    """

    before: str
    after: str
    old_keys: list[Problem]
    is_evaluated: bool


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Experiment files.", show_default=False)],
    write: Annotated[
        bool, typer.Option("--write", help="Write the files, rather than only show what changes.")
    ] = False,
    output: Annotated[Path | None, typer.Option(metavar="NEW", help="Write here instead; of a single FILE.")] = None,
    ext_vars: ExtVars = "",
    arguments: Arguments = "",
) -> None:
    """Rewrite files of AllenNLP 0.x and 1.x into today's keys.

    Shows the changes as a diff. Comments, variables and all that need not change stay. Where old keys come out of an
    import or a function, their block is written evaluated, and if need be the file, as by `foldformer resolve`.
    """
    if output is not None and (write or len(files) > 1):
        raise ConfigurationError(f"--output: got {output} with --write or several files; expected one file alone")
    options = FileOptions("", ext_vars, arguments)
    for file in files:
        found = _upgrade(file, *options.variables())
        _show(file, found)
        if found.old_keys and (write or output is not None):
            _write(output or file, found.after)


def _upgrade(file: Path, ext_vars: Mapping[str, Any], arguments: Mapping[str, Any]) -> Upgrade:
    before = read_file(file, ext_vars=ext_vars, arguments=arguments)
    text = file.read_bytes().decode()
    if not isinstance(before, dict):
        return Upgrade(text, text, [], is_evaluated=False)
    after, old_keys = upgraded(before)
    if file.suffix.lower() in YAML_SUFFIXES:
        return Upgrade(text, yaml.safe_dump(after, sort_keys=False, allow_unicode=True), old_keys, is_evaluated=True)

    def evaluate(new: str) -> Any:
        return read_text(new, source=str(file), ext_vars=ext_vars, arguments=arguments)

    new = rewritten(text, before, after, evaluate)
    evaluated = json.dumps(after, indent=2, ensure_ascii=False) + "\n"
    return Upgrade(text, evaluated if new is None else new, old_keys, is_evaluated=new is None)


def _show(file: Path, found: Upgrade) -> None:
    if not found.old_keys:
        print(f"{file}: no old keys")
        return
    if found.is_evaluated:
        message = f"{file}: its old keys cannot be rewritten where they stand; this is the evaluated file"
        typer.secho(message, fg="yellow", err=True)
    lines = found.before.splitlines(keepends=True), found.after.splitlines(keepends=True)
    for line in difflib.unified_diff(*lines, str(file), f"{file} (today)"):
        sys.stdout.write(line if line.endswith("\n") else f"{line}\n")


def _write(file: Path, text: str) -> None:
    try:
        with atomic(file.resolve()) as part:
            part.write_bytes(text.encode())
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be written: {error.strerror}") from error
