"""`foldformer resolve`."""

from pathlib import Path
from typing import Annotated

import typer

from foldformer.commands.files.resolved import resolved
from foldformer.commands.options import (
    Arguments,
    ExtVars,
    FileOptions,
    IncludePackage,
    Overrides,
    WithDefaults,
    include_packages,
)
from foldformer.commands.tables import print_json
from foldformer.config.params import Params


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An experiment file.", show_default=False)],
    with_defaults: WithDefaults = False,
    overrides: Overrides = "",
    ext_vars: ExtVars = "",
    arguments: Arguments = "",
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
) -> None:
    """Show what a file says once everything in it is evaluated.

    The output is JSON: imports, variables, functions and overrides are gone. With every default filled in it does not
    depend on the defaults of this version, so that a run can be repeated.
    """
    include_packages(include_package)
    data = resolved(file, FileOptions(overrides, ext_vars, arguments), with_defaults)
    print_json(Params(data).as_ordered_dict())
