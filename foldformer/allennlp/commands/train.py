"""Training from Python, as AllenNLP's projects call it."""

import argparse
import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from overrides import overrides

from foldformer.allennlp.commands.subcommand import Subcommand
from foldformer.commands.options import include_packages
from foldformer.commands.train import run_experiment
from foldformer.config import Params
from foldformer.models import Model


def train_model(
    params: Params,
    serialization_dir: str | PathLike[str],
    recover: bool = False,
    force: bool = False,
    node_rank: int = 0,  # noqa: ARG001
    include_package: Sequence[str] | None = None,
    dry_run: bool = False,
    file_friendly_logging: bool = False,  # noqa: ARG001
    return_model: bool | None = None,  # noqa: ARG001
) -> Model | None:
    """Train the model that an experiment describes.

    Args:
        params: The experiment.
        serialization_dir: Folder for all that comes out.
        recover: Go on with the training in the folder.
        force: Delete the training in the folder first.
        node_rank: Accepted and ignored: Lightning finds the machines.
        include_package: Packages whose components are used.
        dry_run: Make all up to the first step, and train nothing.
        file_friendly_logging: Accepted and ignored.
        return_model: Accepted and ignored: the model is always given.

    Returns:
        The model, with its best weights.

    Raises:
        ConfigurationError: Something in the experiment is wrong, or a file or a package is missing.
    """
    include_packages(list(include_package or []))
    return run_experiment(params, Path(serialization_dir), recover=recover, force=force, dry_run=dry_run)


def train_model_from_file(
    parameter_filename: str | PathLike[str],
    serialization_dir: str | PathLike[str],
    overrides: str | Mapping[str, Any] = "",
    recover: bool = False,
    force: bool = False,
    node_rank: int = 0,
    include_package: Sequence[str] | None = None,
    dry_run: bool = False,
    file_friendly_logging: bool = False,
    return_model: bool | None = None,
) -> Model | None:
    """Train the model that an experiment file describes; see `train_model`.

    Args:
        parameter_filename: The file.
        serialization_dir: Folder for all that comes out.
        overrides: Dotted keys and new values, as a text or a mapping.
        recover: As in `train_model`.
        force: As in `train_model`.
        node_rank: As in `train_model`.
        include_package: As in `train_model`.
        dry_run: As in `train_model`.
        file_friendly_logging: As in `train_model`.
        return_model: As in `train_model`.

    Raises:
        ConfigurationError: Something in the file is wrong, or a file or a package is missing.
    """
    text = overrides if isinstance(overrides, str) else json.dumps(dict(overrides))
    return train_model(
        Params.from_file(Path(parameter_filename), text),
        serialization_dir,
        recover,
        force,
        node_rank,
        include_package,
        dry_run,
        file_friendly_logging,
        return_model,
    )


def train_model_from_args(args: argparse.Namespace) -> None:
    """Train as the parsed arguments of `train` say."""
    train_model_from_file(
        args.param_path,
        args.serialization_dir,
        args.overrides,
        recover=args.recover,
        force=args.force,
        include_package=args.include_package,
        dry_run=args.dry_run,
    )


@Subcommand.register("train")
class Train(Subcommand):
    """AllenNLP's `train`, for projects that extend it."""

    @overrides
    def add_subparser(self, parser: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
        subparser: argparse.ArgumentParser = parser.add_parser(self.name, help="train a model")
        subparser.add_argument("param_path", help="experiment file")
        subparser.add_argument("-s", "--serialization-dir", required=True, help="folder for all that comes out")
        subparser.add_argument("-o", "--overrides", default="", help="dotted keys and new values")
        for short, flag in (("-r", "--recover"), ("-f", "--force")):
            subparser.add_argument(short, flag, action="store_true")
        for flag in ("--dry-run", "--file-friendly-logging"):
            subparser.add_argument(flag, action="store_true")
        subparser.add_argument("--node-rank", type=int, default=0)
        subparser.set_defaults(func=train_model_from_args)
        return subparser
