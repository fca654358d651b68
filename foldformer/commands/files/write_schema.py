"""`foldformer schema`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from foldformer.commands.options import IncludePackage, include_packages
from foldformer.commands.tables import print_json
from foldformer.config.errors import ConfigurationError
from foldformer.config.experiment import Experiment
from foldformer.config.schema import json_schema


def command(
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there instead of printing it.")] = None,
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
) -> None:
    """Give the JSON Schema of experiment files, for editors.

    Draft 2020-12, with one branch for every registered name and the docstrings as descriptions.
    """
    include_packages(include_package)
    schema = json_schema(Experiment)
    if output is None:
        print_json(schema)
        return
    try:
        output.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output}: cannot be written: {error.strerror}") from error
