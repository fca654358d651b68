"""How undecided a model is."""

import torch
from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric, ratio


@Metric.register("entropy")
class Entropy(SummedMetric):
    """Average the entropy of distributions over classes, in nats, as `entropy`.

    Each batch counts the same, however many items it has.
    """

    def __init__(self) -> None:
        super().__init__(2)

    @overrides(check_signature=False)
    def __call__(self, logits: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            logits: Scores of the classes, before softmax. (batch, ..., classes)
            mask: True where an item counts; None: everywhere. (batch, ...)
        """
        logits, mask = self.detach_tensors(logits, mask)
        entropies = torch.special.entr(logits.softmax(dim=-1)).sum(dim=-1)
        counted = entropies if mask is None else entropies[mask.bool()]
        if counted.numel():
            self._increase(counted.double().mean(), 1)

    @overrides
    def _value(self, *sums: float) -> dict[str, float]:
        return {"entropy": ratio(*sums)}
