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
from foldformer.config.check import Review, review
from foldformer.config.errors import ConfigurationError, Problem
from foldformer.config.experiment import Experiment
from foldformer.config.old_keys import upgraded


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Experiment files.", show_default=False)],
    overrides: Overrides = "",
    ext_vars: ExtVars = "",
    arguments: Arguments = "",
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse keys of AllenNLP 0.x and 1.x, which are read with a warning.")
    ] = False,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Report every error in experiment files at once.

    Nothing is built: no data is read and no weights are loaded. Exit status 1 means that there are errors.
    """
    include_packages(include_package)
    options = FileOptions(overrides, ext_vars, arguments)
    found = {file: _review(file, options, strict=strict) for file in files}
    errors = [_row(file, problem) for file, each in found.items() for problem in each.problems]
    warnings = [_row(file, problem) for file, each in found.items() for problem in each.warnings]
    if output_format is Format.JSON:
        kinds = [(row, "error") for row in errors] + [(row, "warning") for row in warnings]
        print_json([{**dict(zip(("file", "path", "message"), row, strict=True)), "kind": kind} for row, kind in kinds])
    else:
        for file in files:
            if not found[file].problems:
                print(f"{file}: no errors")
        if errors:
            print_table(("file", "where", "what is wrong"), errors)
            count = f"{len(errors)} error{'s' if len(errors) > 1 else ''}"
            print(f"{count} in {sum(bool(each.problems) for each in found.values())} of {len(found)} files")
        if warnings:
            print_table(("file", "where", "what works, but should change"), warnings)
    raise typer.Exit(1 if errors else 0)


def _review(file: Path, options: FileOptions, *, strict: bool) -> Review:
    try:
        data = options.read(file, as_written=strict)
        data, old_keys = upgraded(data) if strict else (data, [])
        found = review(Experiment, data)
    except ConfigurationError as error:
        return Review(list(error.problems), [])
    return Review([*old_keys, *found.problems], found.warnings)


def _row(file: Path, problem: Problem) -> tuple[str, str, str]:
    return str(file), problem.path, problem.message
