"""The command line of a project that adds commands to AllenNLP's."""

import argparse
import sys

from foldformer.allennlp.commands.predict import Predict
from foldformer.allennlp.commands.subcommand import Subcommand
from foldformer.allennlp.commands.train import Train
from foldformer.commands import app
from foldformer.commands.options import include_packages
from foldformer.commands.subcommands import SUBCOMMANDS
from foldformer.config import ConfigurationError

__all__ = ["Predict", "Subcommand", "Train", "create_parser", "main", "parse_args"]


def create_parser(prog: str | None = None) -> argparse.ArgumentParser:
    """Make the parser of all registered commands."""
    parser = argparse.ArgumentParser(prog=prog)
    commands = parser.add_subparsers(title="Commands", metavar="")
    for name in sorted(Subcommand.list_available()):
        command = Subcommand.by_name(name)()
        subparser = command.add_subparser(commands)
        if command.requires_plugins:
            subparser.add_argument("--include-package", action="append", default=[], help="additional packages")
    return parser


def parse_args(prog: str | None = None) -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    """Parse the arguments of this process for the registered commands."""
    parser = create_parser(prog)
    return parser, parser.parse_args()


def main(prog: str | None = None) -> None:
    """Run a registered command, or one of `foldformer`, with the arguments of this process."""
    if len(sys.argv) > 1 and sys.argv[1] in SUBCOMMANDS and sys.argv[1] not in Subcommand.list_available():
        app(prog_name=prog or "foldformer")
        return
    parser, args = parse_args(prog)
    if not hasattr(args, "func"):
        parser.print_help()
        return
    try:
        include_packages(getattr(args, "include_package", []))
        args.func(args)
    except ConfigurationError as error:
        sys.exit(f"error: {error}")
