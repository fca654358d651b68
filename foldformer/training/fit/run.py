"""Run an experiment's training with Lightning."""

import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import lightning.pytorch as pl
import torch
from lightning.fabric.utilities.warnings import PossibleUserWarning

from foldformer.config import ConfigurationError
from foldformer.config.nearest import show
from foldformer.text.atomic import remove_parts
from foldformer.text.weight_files import read_state_dict
from foldformer.training.archives.names import BEST_WEIGHTS
from foldformer.training.archives.weights import put_weights
from foldformer.training.errors import TrainingError
from foldformer.training.fit.bookkeeper import Bookkeeper
from foldformer.training.fit.experiment_module import ExperimentModule
from foldformer.training.fit.loaders import ExperimentData
from foldformer.training.fit.progress import MetricsProgressBar
from foldformer.training.fit.trainer_arguments import trainer_arguments
from foldformer.training.fit.trainer_parts import TrainerParts
from foldformer.training.state.checkpointer import find_latest_checkpoint

logger = logging.getLogger(__name__)


def run(parts: TrainerParts) -> dict[str, Any]:
    """Train, from the newest checkpoint in the training folder if there is one.

    Returns:
        The metrics of the last epoch, and of the best one under `best_...`. The model has the best weights then.

    Raises:
        ConfigurationError: The metric that decides is not reported, or the optimizer does not fit the model.
        TrainingError: The loss is not a number, the disk is full, or somebody stopped the process.
    """
    _freeze(parts.model, parts.settings.no_grad or [])
    parts.model.train()  # Lightning keeps the mode of each module, and pretrained ones come in evaluation mode
    data = ExperimentData(parts)
    module = ExperimentModule(parts)
    bookkeeper = Bookkeeper(parts, data, module)
    callbacks: list[Any] = [bookkeeper]
    shows_progress = sys.stderr.isatty() and (parts.settings.lightning or {}).get("enable_progress_bar", True)
    if shows_progress:
        callbacks.append(MetricsProgressBar(bookkeeper))
    arguments = {"enable_progress_bar": shows_progress, **trainer_arguments(parts.settings, parts.folder, callbacks)}
    with warnings.catch_warnings(), _quiet_lightning():
        # Advice of Lightning about data loaders, which are not Lightning's here.
        warnings.simplefilter("ignore", PossibleUserWarning)
        warnings.filterwarnings("ignore", message=".*no `val_dataloader`")
        warnings.filterwarnings("ignore", message=".*LeafSpec.* is deprecated", category=FutureWarning)  # Lightning 2.6
        trainer = pl.Trainer(**arguments)
        if trainer.is_global_zero:
            remove_parts(parts.folder)
        checkpoint = find_latest_checkpoint(parts.folder)
        if checkpoint is not None:
            logger.info("going on from %s", checkpoint)
        try:
            trainer.fit(module, datamodule=data, ckpt_path=checkpoint, weights_only=True)
        except SystemExit as stop:  # what Lightning makes of Ctrl-C and SIGTERM
            raise TrainingError(
                f"training was stopped; go on from {find_latest_checkpoint(parts.folder)} with --recover"
            ) from stop
    _load_best_weights(parts)
    return bookkeeper.metrics


def prepare(parts: TrainerParts) -> None:
    """Do what `run` does before the first step: freeze parameters, and make the optimizer and its schedules.

    Raises:
        ConfigurationError: The optimizer or a schedule does not fit the model or the data.
    """
    _freeze(parts.model, parts.settings.no_grad or [])
    ExperimentModule(parts).configure_optimizers()


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    # Its handler writes beside ours, and says what devices it has not found.
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)


def _freeze(model: torch.nn.Module, patterns: list[str]) -> None:
    for pattern in patterns:
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise ConfigurationError(
                f"trainer.no_grad: got {show(pattern)}; expected a regular expression: {error}"
            ) from error
        named = [(name, each) for name, each in model.named_parameters() if compiled.search(name)]
        if not named:
            logger.warning("trainer.no_grad: %s matches the name of no parameter", show(pattern))
        for _, parameter in named:
            parameter.requires_grad_(False)


@torch.no_grad()
def _load_best_weights(parts: TrainerParts) -> None:
    file = parts.folder / BEST_WEIGHTS
    if file.is_file():
        put_weights(parts.model, read_state_dict(file), str(file))
