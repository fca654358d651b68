# ruff: noqa: ARG002  (hooks take what they are given)
"""The number of the epoch, for models that want to know it."""

from typing import TYPE_CHECKING, Any

from overrides import overrides

from foldformer.training.callbacks.trainer_callback import Metrics, TrainerCallback

if TYPE_CHECKING:
    from foldformer.training.trainer import RunningTrainer


@TrainerCallback.register("track_epoch_callback")
class TrackEpochCallback(TrainerCallback):
    """Set `model.epoch` to the number of completed epochs."""

    @overrides
    def on_start(self, trainer: "RunningTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        """Start from what a checkpoint says, or from 0."""
        super().on_start(trainer, is_primary)
        _set_epoch(trainer, trainer.epochs_completed)

    @overrides
    def on_epoch(
        self, trainer: "RunningTrainer", metrics: Metrics, epoch: int, is_primary: bool = True, **kwargs: Any
    ) -> None:
        """Count one more."""
        _set_epoch(trainer, epoch + 1)


def _set_epoch(trainer: "RunningTrainer", epoch: int) -> None:
    trainer.model.epoch = epoch  # type: ignore[assignment]
