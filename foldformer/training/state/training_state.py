"""What changes while a training runs."""

from dataclasses import dataclass

import torch

from foldformer.training.learning_rate_schedulers import LearningRateScheduler
from foldformer.training.metric_tracker import MetricTracker
from foldformer.training.momentum_schedulers import MomentumScheduler
from foldformer.training.state.moving_average import MovingAverage


@dataclass
class TrainingState:
    """How far a training is, and what moves it on.

    Args:
        metric_tracker: Knows the best epoch and when to stop.
        optimizer: None until training begins, as are the next three.
        learning_rate_scheduler: Changes the learning rates.
        momentum_scheduler: Changes the momentum.
        moving_average: Averages of the parameters.
        epochs_completed: Whole epochs.
        batches_in_epoch_completed: Batches of the epoch that is under way.
        total_batches_completed: Steps of the optimizer.
    """

    metric_tracker: MetricTracker
    optimizer: torch.optim.Optimizer | None = None
    learning_rate_scheduler: LearningRateScheduler | None = None
    momentum_scheduler: MomentumScheduler | None = None
    moving_average: MovingAverage | None = None
    epochs_completed: int = 0
    batches_in_epoch_completed: int = 0
    total_batches_completed: int = 0

    @property
    def schedulers(self) -> list[LearningRateScheduler | MomentumScheduler]:
        """The schedules there are."""
        both = (self.learning_rate_scheduler, self.momentum_scheduler)
        return [scheduler for scheduler in both if scheduler is not None]
