"""How much of the true sequence the best sequences contain."""

import sys

from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.sequence_accuracy import check_shapes
from foldformer.models.metrics.summed import SummedMetric, ratio


@Metric.register("unigram_recall")
class UnigramRecall(SummedMetric):
    """Average the share of the true sequence's elements that any of the `k` predicted sequences has, in any order.

    The true sequence's zeros, which are padding, do not count. An item without elements has the share 0.
    """

    def __init__(self) -> None:
        super().__init__(2)

    @overrides(check_signature=False)
    def __call__(
        self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None, end_index: int = sys.maxsize
    ) -> None:
        """Add a batch.

        Args:
            predictions: Predicted sequences. (batch, k, positions)
            gold_labels: True sequence. (batch, positions)
            mask: True where a position of the true sequence counts; None: everywhere. (batch, positions)
            end_index: Element that ends a sequence, and does not count.

        Raises:
            ConfigurationError: The shapes do not fit.
        """
        predictions, gold_labels, mask = self.detach_tensors(predictions, gold_labels, mask)
        check_shapes("unigram_recall", predictions, gold_labels, mask)
        counted = (gold_labels != 0) & (gold_labels != end_index)
        if mask is not None:
            counted = counted & mask.bool()
        found = (gold_labels.unsqueeze(2) == predictions.flatten(1).unsqueeze(1)).any(dim=2)  # (batch, positions)
        num_counted = counted.sum(dim=1)
        shares = (found & counted).sum(dim=1) / num_counted.clamp(min=1).double()
        self._increase(shares.sum(), len(gold_labels))

    @overrides
    def _value(self, *sums: float) -> dict[str, float]:
        return {"unigram_recall": ratio(*sums)}
