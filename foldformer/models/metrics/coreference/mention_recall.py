"""How many of the true mentions are among the spans that a model considers."""

from collections.abc import Mapping, Sequence
from typing import Any

from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric, ratio


@Metric.register("mention_recall")
class MentionRecall(SummedMetric):
    """Divide the number of true mentions that are among the given spans by the number of true mentions."""

    def __init__(self) -> None:
        super().__init__(2)

    @overrides(check_signature=False)
    def __call__(self, batched_top_spans: Tensor, batched_metadata: Sequence[Mapping[str, Any]]) -> None:
        """Add a batch.

        Args:
            batched_top_spans: Spans, first and last word. (batch, spans, 2)
            batched_metadata: For each item the true clusters, as `clusters`.
        """
        num_found = num_gold = 0
        for spans, metadata in zip(batched_top_spans.tolist(), batched_metadata, strict=True):
            gold = {tuple(mention) for cluster in metadata["clusters"] for mention in cluster}
            num_gold += len(gold)
            num_found += len(gold & {tuple(span) for span in spans})
        self._increase(num_found, num_gold)

    @overrides
    def _value(self, *sums: float) -> float:
        return ratio(*sums)
