"""Options that several subcommands take, and what they mean."""

import importlib
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from foldformer.config.discovery import discover, include_package
from foldformer.config.errors import ConfigurationError
from foldformer.config.params import Params
from foldformer.config.read import read_text

Overrides = Annotated[
    str,
    typer.Option(
        "--overrides", "-o", metavar="JSONNET", help="Dotted keys and new values: '{\"model.dropout\": 0.2}'."
    ),
]
ExtVars = Annotated[
    str,
    typer.Option(metavar="JSONNET", help='Values for std.extVar: \'{"DATA": "/data"}\'; the environment has them too.'),
]
Arguments = Annotated[
    str, typer.Option(metavar="JSONNET", help="Arguments of a file that is a function: '{\"layers\": 3}'.")
]
IncludePackage = Annotated[
    list[str],
    typer.Option(metavar="PACKAGE", help="Import this package too, with its components; may be given several times."),
]
WithDefaults = Annotated[
    bool, typer.Option("--with-defaults", help="Fill in the default of every parameter that the file leaves out.")
]


class Format(str, Enum):
    """How a subcommand prints what it found."""

    TABLE = "table"
    JSON = "json"


OutputFormat = Annotated[Format, typer.Option("--format", help="A table to read, or JSON for other programs.")]


@dataclass(frozen=True)
class FileOptions:
    """What changes the meaning of a file.

    Args:
        overrides: Jsonnet text of dotted keys and new values.
        ext_vars: Jsonnet text of the values of `std.extVar`.
        arguments: Jsonnet text of a top-level function's arguments.
    """

    overrides: str = ""
    ext_vars: str = ""
    arguments: str = ""

    def read(self, path: Path, *, as_written: bool = False) -> dict[str, Any]:
        """Read a file with these options.

        Args:
            path: The file.
            as_written: Leave old keys of AllenNLP as they are, rather than write today's with a warning for each.

        Raises:
            ConfigurationError: The file or one of the options does not evaluate.
        """
        ext_vars, arguments = self.variables()
        params = Params.from_file(path, self.overrides, ext_vars, arguments=arguments, as_written=as_written)
        return params.as_dict(quiet=True)

    def variables(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The values of `std.extVar`, and the arguments of a top-level function.

        Raises:
            ConfigurationError: One of the options does not evaluate to an object.
        """
        return _parse_object(self.ext_vars, "--ext-vars"), _parse_object(self.arguments, "--arguments")


def include_packages(names: list[str]) -> None:
    """Import packages with their components; packages written for AllenNLP find it here.

    What they print goes to standard error, so that it does not mix with what a subcommand prints.

    Raises:
        ConfigurationError: One cannot be imported.
    """
    if names:
        importlib.import_module("foldformer.allennlp")  # not at the top: nothing but these packages needs it
        discover()  # before the current folder is on the path: a project may have a folder `transformers` of its own
    with redirect_stdout(sys.stderr):
        for name in names:
            include_package(name)


def _parse_object(text: str, option: str) -> Mapping[str, Any]:
    parsed = read_text(text, source=option) if text else {}
    if not isinstance(parsed, dict):
        raise ConfigurationError(f'{option}: got {text}; expected an object, as in {option} \'{{"NAME": "value"}}\'')
    return parsed
