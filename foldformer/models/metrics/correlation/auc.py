"""How well scores tell two classes apart."""

import math

from overrides import overrides
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.models.metrics.correlation.pairs import PairsMetric, average_ranks
from foldformer.models.metrics.metric import Metric


@Metric.register("auc")
class Auc(PairsMetric):
    """Compute the area under the receiver operating characteristic: how often a positive item has the higher score.

    Equal scores count half. 0.5 before the first item; NaN where all items are of one class.
    Source: Hanley and McNeil, Radiology 143, 1982: the area is the statistic of Wilcoxon's rank test.
    """

    def __init__(self, positive_label: int = 1) -> None:
        """Build.

        Args:
            positive_label: The class that should have the high scores.
        """
        super().__init__()
        self._positive_label = positive_label

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Scores. (batch,)
            gold_labels: Classes, of which there are two at most. (batch,)
            mask: True where an item counts; None: everywhere. (batch,)

        Raises:
            ConfigurationError: A tensor has more than one axis, or there are more than two classes.
        """
        for name, tensor in (("labels", gold_labels), ("predictions", predictions)):
            if tensor.dim() != 1:
                raise ConfigurationError(f"auc: got {name} of shape {tuple(tensor.shape)}; expected (batch,)")
        classes = set(gold_labels.tolist())
        if len(classes) > 2 or (self._positive_label not in classes and not classes <= {0, 1}):
            raise ConfigurationError(
                f"auc: got labels {sorted(classes)}; expected 0 and 1, or {self._positive_label} and one other"
            )
        self._keep(predictions, gold_labels, mask)

    @overrides
    def _value(self, predicted: Tensor, true: Tensor) -> float:
        if not len(true):
            return 0.5
        is_positive = true == self._positive_label
        num_positive, num_negative = int(is_positive.sum()), int((~is_positive).sum())
        if not num_positive * num_negative:
            return math.nan
        num_below = average_ranks(predicted)[is_positive].sum().item() - num_positive * (num_positive + 1) / 2
        return num_below / (num_positive * num_negative)
