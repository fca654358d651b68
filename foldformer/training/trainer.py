"""The base class of trainers, and what callbacks see of one that runs."""

from abc import ABC, abstractmethod
from typing import Any, Protocol

import torch

from foldformer.config import Registrable
from foldformer.models import Model
from foldformer.training.state.training_state import TrainingState


class Trainer(Registrable, ABC):
    """Trains a model; what an experiment file describes under `trainer`."""

    default_implementation = "gradient_descent"

    def prepare(self) -> None:
        """Make all that the first step needs, and take none, for a dry run.

        Raises:
            ConfigurationError: Something of it does not fit.
        """

    @abstractmethod
    def train(self) -> dict[str, Any]:
        """Train; leaves the best weights in the model and in the training folder.

        Returns:
            The metrics of the last epoch, and of the best one under `best_...`.
        """


class RunningTrainer(Protocol):
    """What a callback is given: the model, and how far its training is."""

    model: Model
    state: TrainingState

    @property
    def optimizer(self) -> torch.optim.Optimizer | None:
        """Takes the steps; None before training begins."""

    @property
    def epochs_completed(self) -> int:
        """Whole epochs so far."""

    @property
    def total_batches_completed(self) -> int:
        """Steps of the optimizer so far."""
