"""Save a checkpoint so that it is there whole or not at all."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lightning.pytorch as pl

from foldformer.text.atomic import atomic
from foldformer.training.archives.names import BEST_WEIGHTS
from foldformer.training.archives.weights import save_weights
from foldformer.training.errors import TrainingError

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def save_checkpoint(trainer: pl.Trainer, target: Path) -> None:
    """Write a checkpoint; to be called in every process.

    Raises:
        TrainingError: The disk is full.
    """
    with _full_disk_named(target.parent):
        if trainer.is_global_zero:
            with atomic(target) as part:
                trainer.save_checkpoint(trainer.strategy.broadcast(part))  # returns when every process is through
        else:
            trainer.save_checkpoint(trainer.strategy.broadcast(target))  # what the first process said
    trainer.strategy.barrier("checkpoint")


def save_best_weights(trainer: pl.Trainer, folder: Path) -> None:
    """Write the weights of the model, as an archive will have them; to be called in every process.

    Raises:
        TrainingError: The disk is full.
    """
    state = trainer.strategy.lightning_module_state_dict()
    if trainer.is_global_zero:
        own = {name.removeprefix("model."): tensor for name, tensor in state.items() if name.startswith("model.")}
        with _full_disk_named(folder):
            save_weights(own, folder / BEST_WEIGHTS)
    trainer.strategy.barrier("best weights")


@contextmanager
def _full_disk_named(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise TrainingError(
            f"the disk of {folder} is full; the checkpoints that are there are whole. "
            "Make room, then go on with --recover"
        ) from error
