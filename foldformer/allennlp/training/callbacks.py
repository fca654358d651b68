# ruff: noqa: ARG002  (hooks take what they are given)
"""Callbacks as AllenNLP 1 had them: one kind that is called after a batch, one after an epoch."""

import inspect
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

from overrides import overrides

from foldformer.allennlp.training.tensorboard_writer import TensorBoardWriter
from foldformer.config.registrable import Registration
from foldformer.training.callbacks import TrainerCallback


class OldCallback(TrainerCallback):
    """A callback that is a function: `__call__` takes what its arguments name. Registered among today's callbacks.

    The trainer has the writer of curves that such callbacks write to, as `trainer._tensorboard`.
    """

    def __init__(self) -> None:
        super().__init__("")

    @classmethod
    @overrides
    def _add(cls, new: Registration, exist_ok: bool) -> None:
        TrainerCallback._add(new, exist_ok)

    @overrides(check_signature=False)
    def on_start(self, trainer: Any, is_primary: bool = True, **kwargs: Any) -> None:
        """Give the trainer its writer, which writes in the first process only."""
        super().on_start(trainer, is_primary)
        if not hasattr(trainer, "_tensorboard"):
            folder = str(trainer.folder) if is_primary else None
            trainer._tensorboard = TensorBoardWriter(
                folder, get_batch_num_total=lambda: int(trainer.total_batches_completed)
            )

    @overrides(check_signature=False)
    def on_end(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        """Close it."""
        trainer._tensorboard.close()

    @abstractmethod
    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Do what is to be done."""

    def _call_with(self, **named: Any) -> None:
        """Call with those arguments that this version's `__call__` names."""
        parameters = inspect.signature(self.__call__).parameters
        takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
        known = {**named, "is_master": named["is_primary"]}
        self(**{name: value for name, value in known.items() if takes_all or name in parameters})


class EpochCallback(OldCallback):
    """Called after every epoch, as `(trainer, metrics, epoch, is_master)`; before the first one with epoch -1."""

    @overrides(check_signature=False)
    def on_start(self, trainer: Any, is_primary: bool = True, **kwargs: Any) -> None:
        """Call it without metrics."""
        super().on_start(trainer, is_primary)
        self._call_with(trainer=trainer, metrics={}, epoch=-1, is_primary=is_primary)

    @overrides(check_signature=False)
    def on_epoch(self, trainer: Any, metrics: Any, epoch: int, is_primary: bool = True, **kwargs: Any) -> None:
        """Call it."""
        self._call_with(trainer=trainer, metrics=metrics, epoch=epoch, is_primary=is_primary)


class BatchCallback(OldCallback):
    """Called after every batch, in training and validation.

    As `(trainer, batch_inputs, batch_outputs, batch_metrics, epoch, batch_number, is_training, is_master)`.
    """

    @overrides(check_signature=False)
    def on_batch(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        """Call it."""
        named = inspect.signature(TrainerCallback.on_batch).bind(self, trainer, *args, **kwargs)
        named.apply_defaults()
        arguments = {**named.arguments, **named.arguments.pop("kwargs")}
        arguments.pop("self")
        self._call_with(**arguments)


class TrainerCheckpoint(NamedTuple):
    """What a trainer of one's own puts into a checkpoint."""

    model_state: dict[str, Any] | Callable[[], dict[str, Any]]
    trainer_state: dict[str, Any]
