"""The base of a project's own commands."""

import argparse
from typing import Any

from foldformer.config import ConfigurationError, Registrable


class Subcommand(Registrable):
    """A command of a project, under the name that it is registered with.

    Implement `add_subparser`, which says by `set_defaults(func=...)` what is called with the parsed arguments.
    """

    requires_plugins = True

    def add_subparser(self, parser: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
        """Add the command's parser to those of all commands."""
        raise NotImplementedError(f"{type(self).__name__} has no add_subparser")

    @property
    def name(self) -> str:
        """The registered name.

        Raises:
            ConfigurationError: The class is not registered.
        """
        for name in Subcommand.list_available():
            if Subcommand.by_name(name) is type(self):
                return name
        raise ConfigurationError(f"{type(self).__name__}: got a command without a name; expected @Subcommand.register")
