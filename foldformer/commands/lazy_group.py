"""A group of subcommands that are imported when they run."""

import importlib
from typing import Any

import typer
from overrides import overrides
from typer.core import TyperCommand, TyperGroup

from foldformer.commands.subcommands import SUBCOMMANDS, Subcommand


class LazyCommand(TyperCommand):
    """Stands for a subcommand in help and completion, and becomes the real one when it is given arguments."""

    def __init__(self, name: str, subcommand: Subcommand) -> None:
        super().__init__(name, help=subcommand.summary)
        self._subcommand = subcommand

    @overrides(check_signature=False)  # typer's class of contexts moved between its versions
    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Parse the arguments with the real command, which the context then refers to."""
        return self.load().make_context(info_name, args, parent=parent, **extra)

    def load(self) -> Any:
        """Import the module, and give the command that typer makes of it."""
        module = importlib.import_module(self._subcommand.module)
        if hasattr(module, "app"):
            return typer.main.get_command(module.app)
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command(self.name)(module.command)
        return typer.main.get_command(app)


class LazyGroup(TyperGroup):
    """The subcommands of `SUBCOMMANDS`. A `ConfigurationError` becomes one line and exit status 1."""

    @overrides
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Names, in the order in which a user meets them."""
        return list(SUBCOMMANDS)

    @overrides(check_signature=False)
    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Stand-in for a subcommand, or None."""
        return LazyCommand(cmd_name, SUBCOMMANDS[cmd_name]) if cmd_name in SUBCOMMANDS else None

    @overrides(check_signature=False)
    def invoke(self, ctx: Any) -> Any:
        """Run the subcommand."""
        # Not at the top: Jsonnet and YAML are of no use to `--help`.
        from foldformer.config.errors import ConfigurationError

        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
