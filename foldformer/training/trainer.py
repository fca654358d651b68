"""The base class of trainers."""

from abc import ABC, abstractmethod
from typing import Any

from foldformer.config import Registrable


class Trainer(Registrable, ABC):
    """Trains a model; what an experiment file describes under `trainer`."""

    default_implementation = "gradient_descent"

    @abstractmethod
    def train(self) -> dict[str, Any]:
        """Train; leaves the best weights in the model and in the training folder.

        Returns:
            The metrics of the last epoch, and of the best one under `best_...`.
        """
