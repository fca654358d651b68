"""The base of every metric."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from torch import Tensor

from foldformer.config import Registrable


class Metric(Registrable, ABC):
    """A number, or several, that batches are added to and that is read at the end of an epoch, or before.

    Where several processes train, each adds its own batches and `get_metric` gives the number over all of them: all
    processes must call it.
    """

    @abstractmethod
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: What the model gives.
            gold_labels: What is true.
            mask: True where a label counts; None: everywhere.
        """

    @abstractmethod
    def get_metric(self, reset: bool = False) -> Any:
        """Compute the metric over all batches.

        Args:
            reset: Begin anew.

        Returns:
            A number, or numbers by name.
        """

    @abstractmethod
    def reset(self) -> None:
        """Forget all batches."""

    @staticmethod
    def detach_tensors(*tensors: Any) -> Iterator[Any]:
        """Cut tensors off from their gradients, so that a metric keeps no graph alive; hand on what is no tensor."""
        return (each.detach() if isinstance(each, Tensor) else each for each in tensors)


def check_labels(metric: str, gold_labels: Tensor, num_classes: int) -> None:
    """Check that every label is a class.

    Args:
        metric: Name, for the error.
        gold_labels: Labels, of any shape.
        num_classes: How many classes the model knows.

    Raises:
        ValueError: One is not.
    """
    if gold_labels.numel() and int(gold_labels.max()) >= num_classes:
        raise ValueError(
            f"{metric}: got label {int(gold_labels.max())}; expected one below {num_classes}, the number of classes"
        )
