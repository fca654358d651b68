"""Precision, recall and their weighted harmonic mean, by class or averaged."""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import torch
from overrides import overrides
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.models.metrics.counting import new_tally, stat_scores
from foldformer.models.metrics.metric import Metric, check_labels

if TYPE_CHECKING:
    from foldformer.models.metrics.tally import Tally

Average = Literal["micro", "macro", "weighted"]


class Scores(NamedTuple):
    """Fractions in [0, 1]. (classes,), or scalars when averaged."""

    precision: Tensor
    recall: Tensor
    fscore: Tensor


class ClassCounts(NamedTuple):
    """How many items of each class are what. (classes,) each."""

    right: Tensor
    """Predicted and true."""
    predicted: Tensor
    true: Tensor

    def scores(self, beta: float) -> Scores:
        """Compute the scores of each class; 0 where there is nothing to divide by."""
        precision, recall = _divided(self.right, self.predicted), _divided(self.right, self.true)
        fscore = _divided((1 + beta**2) * precision * recall, beta**2 * precision + recall)
        return Scores(precision, recall, fscore)

    def averaged(self, beta: float, average: Average) -> Scores:
        """Compute one score for all classes.

        Args:
            beta: Weight of the recall.
            average: "micro": over items; "macro": over classes; "weighted": over classes, by their true items.
        """
        if average == "micro":
            return ClassCounts(*(each.sum() for each in self)).scores(beta)
        by_class = self.scores(beta)
        if average == "macro":
            return Scores(*(each.mean() for each in by_class))
        return Scores(*(_divided((each * self.true).sum(), self.true.sum()) for each in by_class))


@Metric.register("fbeta")
class FBetaMeasure(Metric):
    """Compute precision, recall and F-beta of each class, or their average.

    F = (1 + beta^2) * precision * recall / (beta^2 * precision + recall)
    """

    def __init__(self, beta: float = 1.0, average: Average | None = None, labels: list[int] | None = None) -> None:
        """Build.

        Args:
            beta: Weight of the recall, above 0.
            average: How classes are averaged; None: not at all.
            labels: Classes that count, in this order; None: all.

        Raises:
            ConfigurationError: `beta` is not above 0, `average` is none of those, or `labels` is empty.
        """
        if average not in ("micro", "macro", "weighted", None):
            raise ConfigurationError(f'average: got "{average}"; expected "micro", "macro", "weighted" or null')
        if beta <= 0:
            raise ConfigurationError(f"beta: got {beta}; expected a number above 0")
        if labels is not None and not labels:
            raise ConfigurationError("labels: got []; expected at least one class, or null for all")
        self._beta = beta
        self._average: Average | None = average
        self._labels = labels
        self._tally: Tally | None = None

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Scores of the classes; an item whose scores add up to zero has no prediction.
                (batch, ..., classes)
            gold_labels: True classes. (batch, ...)
            mask: True where a label counts; None: everywhere. (batch, ...)

        Raises:
            ValueError: A label is no class, or there were another number of classes before.
        """
        predictions, gold_labels, mask = self.detach_tensors(predictions, gold_labels, mask)
        num_classes = predictions.size(-1)
        check_labels("fbeta", gold_labels, num_classes)
        counted = torch.ones_like(gold_labels, dtype=torch.bool) if mask is None else mask.bool()
        scores, gold = predictions[counted], gold_labels[counted].long()
        # "No prediction" is one more class, which nothing belongs to.
        predicted = scores.argmax(dim=-1).masked_fill(scores.sum(dim=-1) == 0, num_classes)
        right, wrong, _, missed, _ = stat_scores(predicted, gold, num_classes + 1)[:num_classes].unbind(dim=1)
        if self._tally is None:
            self._tally = new_tally(3 * num_classes)
        self._tally.to(predictions.device).update(torch.cat([right, right + wrong, right + missed]))

    @overrides
    def get_metric(self, reset: bool = False) -> dict[str, Any]:
        """Compute `precision`, `recall` and `fscore`, each a list by class, or one number when averaged.

        Raises:
            RuntimeError: No batch was added.
        """
        counts = self._counts()
        average = self._average
        scores = counts.scores(self._beta) if average is None else counts.averaged(self._beta, average)
        if reset:
            self.reset()
        return {name: values.tolist() for name, values in scores._asdict().items()}

    def _counts(self) -> ClassCounts:
        if self._tally is None:
            raise RuntimeError(f"{type(self).__name__}: no batch was added; expected at least one before get_metric")
        counts = self._tally.compute().view(3, -1)
        return ClassCounts(*(counts if self._labels is None else counts[:, self._labels]))

    @overrides
    def reset(self) -> None:
        self._tally = None


def _divided(numerator: Tensor, denominator: Tensor) -> Tensor:
    return torch.where(denominator == 0, 0.0, numerator / denominator)
