"""How often everything about an item is right."""

import torch
from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric, ratio


@Metric.register("boolean_accuracy")
class BooleanAccuracy(SummedMetric):
    """Divide the number of items (rows) whose values are all equal to the true ones by the number of items.

    A fraction in [0, 1], 0 before the first batch. Values that the mask leaves out count as equal; an item of nothing
    else does not count at all.
    """

    def __init__(self) -> None:
        super().__init__(2)

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
        self._increase((is_right & is_item).sum(), is_item.sum())

    @overrides
    def _value(self, *sums: float) -> float:
        return ratio(*sums)
