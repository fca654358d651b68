"""How often everything about an item is right."""

from typing import TYPE_CHECKING

import torch
from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.counting import new_tally
from foldformer.models.metrics.metric import Metric

if TYPE_CHECKING:
    from foldformer.models.metrics.tally import Tally


@Metric.register("boolean_accuracy")
class BooleanAccuracy(Metric):
    """Divide the number of items (rows) whose values are all equal to the true ones by the number of items.

    Values that the mask leaves out count as equal; an item of nothing else does not count at all.
    """

    def __init__(self) -> None:
        self._tally: Tally | None = None

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Any values. (batch, ...)
            gold_labels: True values. (batch, ...)
            mask: True where a value counts; None: everywhere. (batch, ...)

        Raises:
            ValueError: The shapes differ.
        """
        predictions, gold_labels, mask = self.detach_tensors(predictions, gold_labels, mask)
        if predictions.shape != gold_labels.shape:
            raise ValueError(
                f"boolean_accuracy: got labels of shape {tuple(gold_labels.shape)}; expected {tuple(predictions.shape)}"
            )
        counted = torch.ones_like(predictions, dtype=torch.bool) if mask is None else mask.bool()
        is_right = ((predictions == gold_labels) | ~counted).flatten(1).all(dim=1)
        is_item = counted.flatten(1).any(dim=1)
        if self._tally is None:
            self._tally = new_tally(2)
        self._tally.to(predictions.device).update(torch.stack([(is_right & is_item).sum(), is_item.sum()]))

    @overrides
    def get_metric(self, reset: bool = False) -> float:
        """Compute the accuracy; fraction in [0, 1], 0 before the first batch."""
        if self._tally is None:
            return 0.0
        num_right, num_items = self._tally.compute().tolist()
        if reset:
            self.reset()
        return num_right / num_items if num_items else 0.0

    @overrides
    def reset(self) -> None:
        if self._tally is not None:
            self._tally.reset()
