"""How well a dependency parser finds heads and their labels."""

from collections.abc import Sequence

import torch
from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric, ratio


@Metric.register("attachment_scores")
class AttachmentScores(SummedMetric):
    """Score dependency trees, fractions in [0, 1].

    `UAS` and `LAS` are shares of words: with the right head, with the right head and label. `UEM` and `LEM` are shares
    of sentences all of whose words are right. Source: Kuebler, McDonald and Nivre, Dependency Parsing, 2009, 6.1.
    """

    def __init__(self, ignore_classes: Sequence[int] | None = None) -> None:
        """Build.

        Args:
            ignore_classes: Labels; words that truly have one of them do not count.
        """
        super().__init__(6)
        self._ignore_classes = list(ignore_classes or [])

    @overrides(check_signature=False)
    def __call__(
        self,
        predicted_indices: Tensor,
        predicted_labels: Tensor,
        gold_indices: Tensor,
        gold_labels: Tensor,
        mask: Tensor | None = None,
    ) -> None:
        """Add a batch.

        Args:
            predicted_indices: Predicted head of each word. (batch, words)
            predicted_labels: Predicted label of the word's arc. (batch, words)
            gold_indices: True heads. (batch, words)
            gold_labels: True labels. (batch, words)
            mask: True where real; None: everywhere. (batch, words)
        """
        heads, labels, gold_heads, gold, mask = self.detach_tensors(
            predicted_indices, predicted_labels, gold_indices, gold_labels, mask
        )
        counted = torch.ones_like(gold, dtype=torch.bool) if mask is None else mask.bool()
        counted = counted & ~torch.isin(gold, torch.tensor(self._ignore_classes, dtype=gold.dtype, device=gold.device))
        sums: list[Tensor] = []
        for right in (heads == gold_heads, (heads == gold_heads) & (labels == gold)):
            sums += [(right & counted).sum(), (right | ~counted).all(dim=-1).sum()]
        self._increase(*sums, counted.sum(), len(gold))

    @overrides
    def _value(self, *sums: float) -> dict[str, float]:
        heads, whole_heads, both, whole_both, words, sentences = sums
        return {
            "UAS": ratio(heads, words),
            "LAS": ratio(both, words),
            "UEM": ratio(whole_heads, sentences),
            "LEM": ratio(whole_both, sentences),
        }
