"""Precision, recall and F-beta where an item may have several labels."""

import torch
from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.counting import new_tally
from foldformer.models.metrics.fbeta_measure import Average, FBetaMeasure
from foldformer.models.metrics.metric import Metric


@Metric.register("fbeta_multi_label")
class FBetaMultiLabelMeasure(FBetaMeasure):
    """Compute precision, recall and F-beta of each label, or their average, where an item has any number of labels."""

    def __init__(
        self,
        beta: float = 1.0,
        average: Average | None = None,
        labels: list[int] | None = None,
        threshold: float = 0.5,
    ) -> None:
        """Build.

        Args:
            beta: Weight of the recall, above 0.
            average: How labels are averaged; None: not at all.
            labels: Labels that count, in this order; None: all.
            threshold: A label whose score is this or more is predicted: 0.5 for probabilities, 0 for logits.

        Raises:
            ConfigurationError: `beta` is not above 0, `average` is none of those, or `labels` is empty.
        """
        super().__init__(beta, average, labels)
        self._threshold = threshold

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Scores of the labels; an item whose scores add up to zero has no prediction.
                (batch, ..., labels)
            gold_labels: 1 or True where an item has a label. (batch, ..., labels)
            mask: True where a label counts; None: everywhere. (batch, ..., labels)
        """
        predictions, gold_labels, mask = self.detach_tensors(predictions, gold_labels, mask)
        counted = torch.ones_like(gold_labels, dtype=torch.bool) if mask is None else mask.bool()
        true = gold_labels.bool() & counted
        predicted = (predictions >= self._threshold) & (predictions.sum(dim=-1, keepdim=True) != 0) & counted
        counts = [each.flatten(0, -2).sum(dim=0) for each in (true & predicted, predicted, true)]
        if self._tally is None:
            self._tally = new_tally(3 * predictions.size(-1))
        self._tally.to(predictions.device).update(torch.cat(counts))


@Metric.register("f1_multi_label")
class F1MultiLabelMeasure(FBetaMultiLabelMeasure):
    """Compute precision, recall and F1 of each label, or their average, where an item has any number of labels."""

    def __init__(self, average: Average | None = None, labels: list[int] | None = None, threshold: float = 0.5) -> None:
        """Build.

        Args:
            average: How labels are averaged; None: not at all.
            labels: Labels that count, in this order; None: all.
            threshold: A label whose score is this or more is predicted: 0.5 for probabilities, 0 for logits.

        Raises:
            ConfigurationError: `average` is none of those, or `labels` is empty.
        """
        super().__init__(1.0, average, labels, threshold)
