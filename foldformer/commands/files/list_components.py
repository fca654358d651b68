"""`foldformer list`."""

from typing import Annotated

import typer

from foldformer.commands.files.lookup import base_named
from foldformer.commands.options import Format, IncludePackage, OutputFormat, include_packages
from foldformer.commands.tables import print_json, print_table
from foldformer.config.check.docstrings import summary
from foldformer.config.discovery import import_failures
from foldformer.config.registrable import registered_bases, registrations

COLUMNS = ("base", "name", "what it is", "package")


def command(
    base: Annotated[str | None, typer.Argument(help="Only what is registered for this class.")] = None,
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """List the components that a file can name.

    They come from every installed package that has an entry point in the group foldformer.components, and from those
    that are included here.
    """
    include_packages(include_package)
    bases = [base_named(base)] if base else sorted(registered_bases(), key=lambda each: each.__name__)
    rows = [
        (each.__name__, name, summary(registration.cls), registration.package)
        for each in bases
        for name, registration in sorted(registrations(each).items())
    ]
    if output_format is Format.JSON:
        print_json([dict(zip(("base", "name", "summary", "package"), row, strict=True)) for row in rows])
    else:
        print_table(COLUMNS, rows)
    for failure in import_failures():
        typer.secho(f"warning: {failure}; its components are missing here", fg="yellow", err=True)
