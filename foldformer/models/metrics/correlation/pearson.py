"""How nearly two series of numbers lie on a line."""

import math

from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.correlation.covariance import Covariance
from foldformer.models.metrics.metric import Metric

SMALLEST_DEVIATION = 5e-6
"""Below this product of standard deviations there is nothing to correlate, as in AllenNLP."""


@Metric.register("pearson_correlation")
class PearsonCorrelation(Metric):
    """Compute Pearson's r of numbers and true numbers, in [-1, 1]; 0 where one of them hardly varies."""

    def __init__(self) -> None:
        self._covariance = Covariance()
        self._predicted_variance = Covariance()
        self._true_variance = Covariance()

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Numbers. (batch, ...)
            gold_labels: True numbers. (batch, ...)
            mask: True where a pair counts; None: everywhere. (batch, ...)
        """
        self._covariance(predictions, gold_labels, mask)
        self._predicted_variance(predictions, predictions, mask)
        self._true_variance(gold_labels, gold_labels, mask)

    @overrides
    def get_metric(self, reset: bool = False) -> float:
        """Compute r; 0 before the first batch."""
        covariance, predicted, true = (
            each.get_metric(reset) for each in (self._covariance, self._predicted_variance, self._true_variance)
        )
        deviations = math.sqrt(max(predicted, 0.0)) * math.sqrt(max(true, 0.0))
        return covariance / deviations if deviations > SMALLEST_DEVIATION else 0.0

    @overrides
    def reset(self) -> None:
        for each in (self._covariance, self._predicted_variance, self._true_variance):
            each.reset()
