# ruff: noqa: ARG002  (hooks take what they are given)
"""The base class of callbacks that a file names."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from foldformer.config import Registrable

# Not at runtime: `overrides` would compare the hints, and refuse callbacks of users that ask for a subclass.
if TYPE_CHECKING:
    from foldformer.training.trainer import RunningTrainer

Metrics = Mapping[str, Any]
Batches = Sequence[Mapping[str, Any]]


class TrainerCallback(Registrable):
    """Something that happens at certain moments of a training.

    The methods are those of AllenNLP. A callback of Lightning goes into `lightning.callbacks`
    when a trainer is made in Python.

    Args:
        serialization_dir: The training folder; handed over by the trainer.
    """

    def __init__(self, serialization_dir: str) -> None:
        self.serialization_dir = serialization_dir
        self.trainer: RunningTrainer | None = None

    def on_start(self, trainer: "RunningTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        """Training begins.

        Args:
            trainer: The trainer.
            is_primary: Whether this is the first of the processes that train together.
            **kwargs: For what later versions may hand over.
        """
        self.trainer = trainer

    def on_batch(
        self,
        trainer: "RunningTrainer",
        batch_inputs: Batches,
        batch_outputs: Batches,
        batch_metrics: Metrics,
        epoch: int,
        batch_number: int,
        is_training: bool,
        is_primary: bool = True,
        batch_grad_norm: float | None = None,
        **kwargs: Any,
    ) -> None:
        """A batch is through; in training, after the optimizer's step.

        Args:
            trainer: The trainer.
            batch_inputs: What the model got, one entry for every batch of the step.
            batch_outputs: What it gave.
            batch_metrics: The metrics so far.
            epoch: From 0.
            batch_number: Steps of this epoch so far.
            is_training: Or validating.
            is_primary: Whether this is the first of the processes that train together.
            batch_grad_norm: Norm of the gradients before clipping, where `grad_norm` asks for it.
            **kwargs: For what later versions may hand over.
        """

    def on_backward(
        self, trainer: "RunningTrainer", batch_outputs: Mapping[str, Any], backward_called: bool, **kwargs: Any
    ) -> bool:
        """The loss of a batch is there, and its gradients are due; a callback may compute them itself.

        Args:
            trainer: The trainer.
            batch_outputs: What the model gave. Its `loss` is what is to be differentiated: with penalties, and scaled
                where batches are accumulated or precision is mixed.
            backward_called: Whether a callback before this one has computed the gradients, so that none may again.
            **kwargs: For what later versions may hand over.

        Returns:
            Whether this callback called `batch_outputs["loss"].backward()`.
        """
        return False

    def on_epoch(
        self, trainer: "RunningTrainer", metrics: Metrics, epoch: int, is_primary: bool = True, **kwargs: Any
    ) -> None:
        """An epoch is through, validation included.

        Args:
            trainer: The trainer.
            metrics: All metrics, as in `metrics_epoch_N.json`.
            epoch: From 0.
            is_primary: Whether this is the first of the processes that train together.
            **kwargs: For what later versions may hand over.
        """

    def on_end(
        self,
        trainer: "RunningTrainer",
        metrics: Metrics | None = None,
        epoch: int | None = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        """Training is over, by itself or by an error.

        Args:
            trainer: The trainer.
            metrics: The last metrics.
            epoch: The last epoch.
            is_primary: Whether this is the first of the processes that train together.
            **kwargs: For what later versions may hand over.
        """

    def state_dict(self) -> dict[str, Any]:
        """What to keep in a checkpoint."""
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take up the state of another callback."""


TrainerCallback.register("null")(TrainerCallback)
