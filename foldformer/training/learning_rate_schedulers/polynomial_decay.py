"""Warm-up, then a polynomial down."""

from collections.abc import Sequence

import torch
from overrides import overrides

from foldformer.training.errors import wrong_at
from foldformer.training.learning_rate_schedulers.learning_rate_scheduler import LearningRateScheduler


@LearningRateScheduler.register("polynomial_decay")
class PolynomialDecay(LearningRateScheduler):
    """Linearly up for `warmup_steps` steps, then down to `end_learning_rate` at the end of training.

        rate = end + (start - end) * ((total_steps - step) / (total_steps - warmup_steps))^power

    Args:
        optimizer: Whose learning rates to change.
        num_epochs: Of the whole training; handed over by the trainer.
        num_steps_per_epoch: Steps of the optimizer; handed over by the trainer.
        power: 1 is a straight line.
        warmup_steps: Steps of the optimizer.
        end_learning_rate: Where it ends.
        last_epoch: The last epoch that has been completed; -1 at the start.

    Raises:
        ConfigurationError: The data loader cannot tell how many batches an epoch has.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        num_epochs: int,
        num_steps_per_epoch: int | None,
        power: float = 1.0,
        warmup_steps: int = 0,
        end_learning_rate: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, last_epoch)
        if num_steps_per_epoch is None:
            raise wrong_at(
                "num_steps_per_epoch",
                "got none, because the data loader does not know its length; expected a number here, or "
                "data_loader.batches_per_epoch, or data that is held in memory",
            )
        self.power = power
        self.warmup_steps = warmup_steps
        self.total_steps = num_epochs * num_steps_per_epoch
        self.end_learning_rate = end_learning_rate
        self.steps = 0
        self.step_batch(0)

    @overrides
    def step(self, metric: float | None = None) -> None:
        """Nothing: the schedule knows steps only."""

    @overrides
    def step_batch(self, batch_num_total: int | None = None) -> None:
        """Set the learning rates of the coming step."""
        self.steps = self.steps + 1 if batch_num_total is None else batch_num_total
        self._set_values()

    @overrides
    def get_values(self) -> Sequence[float]:
        """The learning rates of the coming step."""
        if self.warmup_steps > 0 and self.steps < self.warmup_steps:
            fraction = self.steps / self.warmup_steps
            return [fraction * rate for rate in self.base_values]
        if self.steps >= self.total_steps:
            return [self.end_learning_rate for _ in self.base_values]
        fraction = ((self.total_steps - self.steps) / (self.total_steps - self.warmup_steps)) ** self.power
        return [fraction * (rate - self.end_learning_rate) + self.end_learning_rate for rate in self.base_values]
