"""The `foldformer` command.

One module a subcommand. It is imported when the subcommand runs, so that `foldformer --help` need not wait for torch.
To add one, write a module with a function `command`, annotated as typer wants it, and a line in `subcommands.py`.
"""

from typing import Annotated

import typer

from foldformer import __version__
from foldformer.commands.lazy_group import LazyGroup

app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"foldformer {__version__}")
        raise typer.Exit


@app.callback()
def foldformer(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Contextual vectors for text of any length, from any pretrained transformer, declared in Jsonnet."""


def main() -> None:
    """Run the command with the arguments of this process."""
    app(prog_name="foldformer")
