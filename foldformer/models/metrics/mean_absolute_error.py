"""How far numbers are off."""

import torch
from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric, ratio


@Metric.register("mean_absolute_error")
class MeanAbsoluteError(SummedMetric):
    """Average the absolute difference of numbers and true numbers, as `mae`; 0 before the first batch."""

    def __init__(self) -> None:
        super().__init__(2)

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Numbers. (batch, ...)
            gold_labels: True numbers. (batch, ...)
            mask: True where a number counts; None: everywhere. (batch, ...)
        """
        predictions, gold_labels, mask = self.detach_tensors(predictions, gold_labels, mask)
        errors = (predictions - gold_labels).abs()
        counted = torch.ones_like(errors, dtype=torch.bool) if mask is None else mask.bool()
        self._increase(errors[counted].double().sum(), counted.sum())

    @overrides
    def _value(self, *sums: float) -> dict[str, float]:
        return {"mae": ratio(*sums)}
