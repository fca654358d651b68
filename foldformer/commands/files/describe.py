"""`foldformer describe`."""

import inspect
import json
from typing import Annotated, Any

import typer

from foldformer.commands.files.lookup import base_named, component_named
from foldformer.commands.options import Format, IncludePackage, OutputFormat, include_packages
from foldformer.commands.tables import print_json, print_table
from foldformer.config.check.signature import MISSING, Factory, Parameter, signature_of
from foldformer.config.check.values import CURE_OF_FOREIGN
from foldformer.config.registrable import Registration, qualified_name


def command(
    base: Annotated[str, typer.Argument(help="A base class, as `foldformer list` shows it.", show_default=False)],
    name: Annotated[str, typer.Argument(help="A name registered for it, or a class path.", show_default=False)],
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Show the parameters of a component.

    With the type, the default and the documentation of each.
    """
    include_packages(include_package)
    registration = component_named(base_named(base), name)
    signature = signature_of(registration.cls, registration.constructor)
    rows = [
        (
            each.name,
            each.node.expected().replace(CURE_OF_FOREIGN, ""),
            _default(each),
            " ".join(each.description.split()),
        )
        for each in signature.parameters.values()
    ]
    documentation = inspect.getdoc(registration.cls) or ""
    if output_format is Format.JSON:
        print_json(_as_json(registration, documentation, rows))
        return
    print(f"{base} {name}: {qualified_name(registration.cls)}\n")
    print(f"{_without_arguments(documentation)}\n")
    print_table(("parameter", "type", "default", "meaning"), rows)
    if signature.rest is not None:
        print(f"Other parameters are passed on; each is {signature.rest.expected()}.")


def _default(parameter: Parameter) -> str:
    """The default as a file would spell it, where a file can."""
    if parameter.default is MISSING:
        return "required" if parameter.required else ""
    default = parameter.default.make() if isinstance(parameter.default, Factory) else parameter.default
    try:
        return json.dumps(default, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(default)


def _without_arguments(documentation: str) -> str:
    """The documentation before its `Args:`, as the table has these."""
    return documentation.partition("\nArgs:\n")[0].rstrip()


def _as_json(registration: Registration, documentation: str, rows: list[tuple[str, str, str, str]]) -> dict[str, Any]:
    names = ("name", "type", "default", "description")
    return {
        "class": qualified_name(registration.cls),
        "package": registration.package,
        "documentation": documentation,
        "parameters": [dict(zip(names, row, strict=True)) for row in rows],
    }
