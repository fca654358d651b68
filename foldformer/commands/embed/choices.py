"""Options of `foldformer embed` that take one of a few names."""

from enum import Enum
from typing import Any

import typer

from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show


class Name(str, Enum):
    """A name that is its own text, as typer 0.16 writes the member out to find it."""

    def __str__(self) -> str:
        """The name."""
        return str(self.value)


def choice(option: str, kind: type[Name], explanation: str, panel: str) -> Any:
    """An option with the values of an enumeration; a wrong one is an error that names the nearest.

    Args:
        option: As it is typed, `--level`.
        kind: What it may be.
        explanation: For the help.
        panel: Of the help.
    """
    names = [str(each.value) for each in kind]

    def parse(given: str) -> Name:
        if given not in names:
            raise ConfigurationError(
                f"{option}: got {show(given)}; expected {one_of(names)}{did_you_mean(given, names)}"
            )
        return kind(given)

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
