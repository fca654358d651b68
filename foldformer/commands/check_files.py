"""`foldformer check`."""

from pathlib import Path
from typing import Annotated

import typer

from foldformer.commands.options import (
    Arguments,
    ExtVars,
    FileOptions,
    Format,
    IncludePackage,
    OutputFormat,
    Overrides,
    include_packages,
)
from foldformer.commands.tables import print_json, print_table
from foldformer.config.check import check
from foldformer.config.errors import ConfigurationError, Problem
from foldformer.config.experiment import Experiment


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Experiment files.", show_default=False)],
    overrides: Overrides = "",
    ext_vars: ExtVars = "",
    arguments: Arguments = "",
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Report every error in experiment files at once.

    Nothing is built: no data is read and no weights are loaded. Exit status 1 means that there are errors.
    """
    include_packages(include_package)
    options = FileOptions(overrides, ext_vars, arguments)
    found = {file: _problems(file, options) for file in files}
    rows = [(str(file), problem.path, problem.message) for file, problems in found.items() for problem in problems]
    if output_format is Format.JSON:
        print_json([dict(zip(("file", "path", "message"), row, strict=True)) for row in rows])
    else:
        _print_report(rows, found)
    raise typer.Exit(1 if rows else 0)


def _problems(file: Path, options: FileOptions) -> list[Problem]:
    try:
        data = options.read(file)
    except ConfigurationError as error:
        return list(error.problems)
    return list(check(Experiment, data))


def _print_report(rows: list[tuple[str, str, str]], found: dict[Path, list[Problem]]) -> None:
    for file, problems in found.items():
        if not problems:
            print(f"{file}: no errors")
    if rows:
        print_table(("file", "where", "what is wrong"), rows)
        count = f"{len(rows)} error{'s' if len(rows) > 1 else ''}"
        print(f"{count} in {sum(bool(problems) for problems in found.values())} of {len(found)} files")
