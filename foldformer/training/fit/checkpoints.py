"""Save a checkpoint so that it is there whole or not at all."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lightning.pytorch as pl

from foldformer.training.archives.names import BEST_WEIGHTS
from foldformer.training.archives.weights import save_weights
from foldformer.training.errors import TrainingError

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def save_checkpoint(trainer: pl.Trainer, target: Path) -> None:
    """Write a checkpoint; to be called in every process.

    Raises:
        TrainingError: The disk is full.
    """
    part = target.with_name(f".{target.name}.part")
    with _full_disk_named(part):
        trainer.save_checkpoint(part)
        if trainer.is_global_zero:
            _remove(target)
            part.replace(target)
    trainer.strategy.barrier("checkpoint")


def save_best_weights(trainer: pl.Trainer, folder: Path) -> None:
    """Write the weights of the model, as an archive will have them; to be called in every process.

    Raises:
        TrainingError: The disk is full.
    """
    state = trainer.strategy.lightning_module_state_dict()
    if trainer.is_global_zero:
        own = {name.removeprefix("model."): tensor for name, tensor in state.items() if name.startswith("model.")}
        with _full_disk_named(folder / f".{BEST_WEIGHTS}.part"):
            save_weights(own, folder / BEST_WEIGHTS)
    trainer.strategy.barrier("best weights")


def remove_parts(folder: Path) -> None:
    """Delete what interrupted saving has left."""
    for part in folder.glob(".*.part"):
        _remove(part)


@contextmanager
def _full_disk_named(part: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        _remove(part)
        if error.errno not in _NO_SPACE:
            raise
        raise TrainingError(
            f"the disk of {part.parent} is full; the checkpoints that are there are whole. "
            "Make room, then go on with --recover"
        ) from error


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
