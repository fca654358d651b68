"""The base class of learning-rate schedules."""

import torch

from foldformer.config import Registrable
from foldformer.training.scheduler import Scheduler


class LearningRateScheduler(Scheduler, Registrable):
    """Changes the learning rates of an optimizer.

    The trainer hands over `optimizer` and, to whoever asks, `num_epochs` and `num_steps_per_epoch` (steps of the
    optimizer; None where the data loader cannot tell).

    Args:
        optimizer: Whose learning rates to change.
        last_epoch: The last epoch that has been completed; -1 at the start.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, last_epoch: int = -1) -> None:
        super().__init__(optimizer, "lr", last_epoch)
