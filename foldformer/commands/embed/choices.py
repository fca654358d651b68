"""Options of `foldformer embed` that take one of a few names."""

from collections.abc import Iterator
from contextlib import contextmanager
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


AS_TYPED = {
    **{
        name: f"--{name.replace('_', '-')}"
        for name in ("workers", "storage_dtype", "rows_per_part", "on_error", "keep")
    },
    "format": "--input-format",
    "conllu_unit": "--conllu-unit",
    "part_bytes": "--part-size",
    "cpus, gpus": "--ray-cpus, --ray-gpus",
}
"""Parameters of the library, and the options of the command that set them."""


@contextmanager
def named_as_typed() -> Iterator[None]:
    """Let an error that begins with a parameter of the library begin with the option that the user typed."""
    try:
        yield
    except ConfigurationError as error:
        name, colon, rest = str(error).partition(":")
        if name not in AS_TYPED:
            raise
        raise type(error)(f"{AS_TYPED[name]}{colon}{rest}") from error


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
