"""Epochs without validation."""

from foldformer.training.callbacks.trainer_callback import TrainerCallback


@TrainerCallback.register("should_validate_callback")
class ShouldValidateCallback(TrainerCallback):
    """Validate from epoch `validation_start` on, and only in epochs that `validation_interval` divides.

    Args:
        serialization_dir: The training folder; handed over by the trainer.
        validation_start: From 0.
        validation_interval: Epochs.
    """

    def __init__(
        self, serialization_dir: str, validation_start: int | None = None, validation_interval: int | None = None
    ) -> None:
        super().__init__(serialization_dir)
        self._start = validation_start
        self._interval = validation_interval

    def should_validate(self, epoch: int) -> bool:
        """Whether to validate after an epoch, counted from 0."""
        is_late_enough = self._start is None or epoch >= self._start
        return is_late_enough and (self._interval is None or epoch % self._interval == 0)
