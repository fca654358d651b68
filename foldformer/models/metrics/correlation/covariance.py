"""How two series of numbers vary together."""

from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.correlation.pairs import paired
from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric


@Metric.register("covariance")
class Covariance(SummedMetric):
    """Compute the unbiased covariance of numbers and true numbers; 0 for fewer than two pairs."""

    def __init__(self) -> None:
        super().__init__(4)

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Numbers. (batch, ...)
            gold_labels: True numbers. (batch, ...)
            mask: True where a pair counts; None: everywhere. (batch, ...)
        """
        predicted, true = paired(predictions, gold_labels, mask)
        self._increase(len(true), predicted.sum(), true.sum(), (predicted * true).sum())

    @overrides
    def _value(self, *sums: float) -> float:
        count, predicted, true, product = sums
        return (product - predicted * true / count) / (count - 1) if count > 1 else 0.0
