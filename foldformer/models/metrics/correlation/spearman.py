"""How nearly two series of numbers are in the same order."""

import math

import torch
from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.correlation.pairs import PairsMetric, average_ranks
from foldformer.models.metrics.metric import Metric


@Metric.register("spearman_correlation")
class SpearmanCorrelation(PairsMetric):
    """Compute Spearman's rho of numbers and true numbers: Pearson's r of their ranks, in [-1, 1].

    NaN for fewer than two pairs, and where one of the two does not vary. Pairs that the mask leaves out do not count;
    AllenNLP counts them as pairs of zeros.
    """

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Numbers. (batch, ...)
            gold_labels: True numbers. (batch, ...)
            mask: True where a pair counts; None: everywhere. (batch, ...)
        """
        self._keep(predictions, gold_labels, mask)

    @overrides
    def _value(self, predicted: Tensor, true: Tensor) -> float:
        if len(true) < 2:
            return math.nan
        return float(torch.corrcoef(torch.stack([average_ranks(predicted), average_ranks(true)]))[0, 1])
