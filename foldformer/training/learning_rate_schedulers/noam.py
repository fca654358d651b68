"""The schedule of the Transformer paper."""

from collections.abc import Sequence

import torch
from overrides import overrides

from foldformer.training.learning_rate_schedulers.learning_rate_scheduler import LearningRateScheduler


@LearningRateScheduler.register("noam")
class NoamLR(LearningRateScheduler):
    """Linearly up for `warmup_steps` steps, then down with the inverse square root of the step.

        rate = factor * model_size^-0.5 * min(step^-0.5, step * warmup_steps^-1.5)

    The optimizer's own learning rate plays no part after the first step.

    Args:
        optimizer: Whose learning rates to change.
        model_size: Width of the model.
        warmup_steps: Steps of the optimizer.
        factor: Scales everything.
        last_epoch: The last step that has been taken; -1 at the start.

    Source: Vaswani et al., "Attention is all you need", equation 3.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        model_size: int,
        warmup_steps: int,
        factor: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, last_epoch)
        self.model_size = model_size
        self.warmup_steps = warmup_steps
        self.factor = factor

    @overrides
    def step(self, metric: float | None = None) -> None:
        """Nothing: the schedule knows steps only."""

    @overrides
    def step_batch(self, batch_num_total: int | None = None) -> None:
        """Set the learning rates of the coming step."""
        self.last_epoch = self.last_epoch + 1 if batch_num_total is None else batch_num_total
        self._set_values()

    @overrides
    def get_values(self) -> Sequence[float]:
        """The learning rates of the coming step."""
        step = max(self.last_epoch, 1)
        rise_or_fall = min(step ** (-0.5), step * self.warmup_steps ** (-1.5))
        return [self.factor * (self.model_size ** (-0.5) * rise_or_fall)] * len(self.base_values)
