"""`foldformer diff`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from foldformer.commands.files.resolved import resolved
from foldformer.commands.options import (
    Arguments,
    ExtVars,
    FileOptions,
    Format,
    IncludePackage,
    OutputFormat,
    Overrides,
    WithDefaults,
    include_packages,
)
from foldformer.commands.tables import print_json, print_table
from foldformer.config.diff import ABSENT, Difference, diff


def command(
    a: Annotated[Path, typer.Argument(metavar="A", help="An experiment file.", show_default=False)],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one.", show_default=False)],
    with_defaults: WithDefaults = False,
    overrides: Overrides = "",
    ext_vars: ExtVars = "",
    arguments: Arguments = "",
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Show what differs between two files once they are evaluated.

    The options count for both files. Exit status 1 means that something differs. With defaults filled in, a default
    that one file spells out and the other leaves to the constructor is no difference.
    """
    include_packages(include_package)
    options = FileOptions(overrides, ext_vars, arguments)
    differences = diff(resolved(a, options, with_defaults), resolved(b, options, with_defaults))
    if output_format is Format.JSON:
        print_json([_as_json(difference) for difference in differences])
    elif differences:
        rows = [(each.path, _shown(each.left), _shown(each.right)) for each in differences]
        print_table(("where", str(a), str(b)), rows)
    else:
        print("no differences")
    raise typer.Exit(1 if differences else 0)


def _shown(value: Any) -> str:
    return "(absent)" if value is ABSENT else json.dumps(value, ensure_ascii=False)


def _as_json(difference: Difference) -> dict[str, Any]:
    sides = {"a": difference.left, "b": difference.right}
    return {"path": difference.path, **{side: value for side, value in sides.items() if value is not ABSENT}}
