"""Experiment files to trained models: optimizers, schedules, the trainer, archives."""

from foldformer.training.learning_rate_schedulers import LearningRateScheduler
from foldformer.training.momentum_schedulers import MomentumScheduler
from foldformer.training.optimizers import Optimizer

__all__ = ["LearningRateScheduler", "MomentumScheduler", "Optimizer"]
