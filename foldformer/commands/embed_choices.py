"""Options of `foldformer embed` that take one of a few names."""

from enum import Enum
from typing import Any

import typer

from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show


def choice(option: str, kind: type[Enum], explanation: str, panel: str) -> Any:
    """An option with the values of an enumeration; a wrong one is an error that names the nearest.

    Args:
        option: As it is typed, `--level`.
        kind: What it may be.
        explanation: For the help.
        panel: Of the help.
    """
    names = [str(each.value) for each in kind]

    def parse(text: str) -> Enum:
        if text not in names:
            raise ConfigurationError(f"{option}: got {show(text)}; expected {one_of(names)}{did_you_mean(text, names)}")
        return kind(text)

    def complete(incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return typer.Option(
        option,
        parser=parse,
        autocompletion=complete,
        metavar=f"[{'|'.join(names)}]",
        help=explanation,
        rich_help_panel=panel,
    )
