"""The base class of momentum schedules."""

import torch

from foldformer.config import Registrable
from foldformer.training.scheduler import Scheduler


class MomentumScheduler(Scheduler, Registrable):
    """Changes the option `momentum` of an optimizer.

    Args:
        optimizer: Whose momentum to change; handed over by the trainer.
        last_epoch: The last epoch that has been completed; -1 at the start.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, last_epoch: int = -1) -> None:
        super().__init__(optimizer, "momentum", last_epoch)
