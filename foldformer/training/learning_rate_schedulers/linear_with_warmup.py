"""Warm-up, then a straight line down to zero."""

import torch

from foldformer.training.learning_rate_schedulers.learning_rate_scheduler import LearningRateScheduler
from foldformer.training.learning_rate_schedulers.polynomial_decay import PolynomialDecay


@LearningRateScheduler.register("linear_with_warmup")
class LinearWithWarmup(PolynomialDecay):
    """`polynomial_decay` with power 1 that ends at 0.

    Args:
        optimizer: Whose learning rates to change.
        num_epochs: Of the whole training; handed over by the trainer.
        num_steps_per_epoch: Steps of the optimizer; handed over by the trainer.
        warmup_steps: Steps of the optimizer.
        last_epoch: The last epoch that has been completed; -1 at the start.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        num_epochs: int,
        num_steps_per_epoch: int | None,
        warmup_steps: int = 100,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, num_epochs, num_steps_per_epoch, warmup_steps=warmup_steps, last_epoch=last_epoch)
