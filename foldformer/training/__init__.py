"""Experiment files to trained models: the trainer, optimizers, schedules, callbacks, archives, predictors.

Lightning is imported when a training begins, not before.
"""

from foldformer.training.archives.from_archive import ModelFromArchive
from foldformer.training.archives.read import Archive, load_archive
from foldformer.training.archives.write import archive_model
from foldformer.training.callbacks import TrainerCallback
from foldformer.training.errors import TrainingError
from foldformer.training.evaluation import evaluate
from foldformer.training.gradient_descent import GradientDescentTrainer
from foldformer.training.learning_rate_schedulers import LearningRateScheduler
from foldformer.training.momentum_schedulers import MomentumScheduler
from foldformer.training.no_op import NoOpTrainer
from foldformer.training.optimizers import Optimizer
from foldformer.training.predictors import Predictor
from foldformer.training.state.checkpointer import Checkpointer
from foldformer.training.state.moving_average import MovingAverage
from foldformer.training.train_model import TrainModel
from foldformer.training.trainer import Trainer

__all__ = [
    "Archive",
    "Checkpointer",
    "GradientDescentTrainer",
    "LearningRateScheduler",
    "ModelFromArchive",
    "MomentumScheduler",
    "MovingAverage",
    "NoOpTrainer",
    "Optimizer",
    "Predictor",
    "TrainModel",
    "Trainer",
    "TrainerCallback",
    "TrainingError",
    "archive_model",
    "evaluate",
    "load_archive",
]
