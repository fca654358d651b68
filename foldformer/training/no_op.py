"""No training at all."""

from pathlib import Path
from typing import Any

from overrides import overrides

from foldformer.models import Model
from foldformer.training.archives.names import BEST_WEIGHTS
from foldformer.training.archives.weights import save_weights
from foldformer.training.trainer import Trainer


@Trainer.register("no_op")
class NoOpTrainer(Trainer):
    """Save the model as it is, so that it becomes an archive: to evaluate what was not trained.

    Args:
        serialization_dir: The training folder; handed over.
        model: The model; handed over.
    """

    def __init__(self, serialization_dir: str, model: Model) -> None:
        self._folder = Path(serialization_dir)
        self.model = model

    @overrides
    def train(self) -> dict[str, Any]:
        """Save the weights."""
        save_weights(self.model.state_dict(), self._folder / BEST_WEIGHTS)
        return {}
