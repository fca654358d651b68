"""Options of `foldformer embed` that take one of a few names."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

import typer

from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show

AS_TYPED = {
    **{
        name: f"--{name.replace('_', '-')}"
        for name in ("workers", "storage_dtype", "rows_per_part", "on_error", "keep")
    },
    "format": "--input-format",
    "conllu_unit": "--conllu-unit",
    "spans_key": "--spans-key",
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


def choice(option: str, names: Any, explanation: str, panel: str | None) -> Any:
    """An option that takes one of a few names; a wrong one is an error that says which is nearest.

    Args:
        option: As it is typed, `--level`.
        names: A `Literal` of what it may be.
        explanation: For the help.
        panel: Of the help; None for the one without a name.
    """
    allowed: tuple[str, ...] = get_args(names)

    def parse(given: str) -> str:
        if given not in allowed:
            raise ConfigurationError(
                f"{option}: got {show(given)}; expected {one_of(allowed)}{did_you_mean(given, allowed)}"
            )
        return given

    def complete(incomplete: str) -> list[str]:
        return [name for name in allowed if name.startswith(incomplete)]

    return typer.Option(
        option,
        parser=parse,
        autocompletion=complete,
        metavar=f"[{'|'.join(allowed)}]",
        help=explanation,
        rich_help_panel=panel,
    )
