"""BLEU of elements, such as the words or wordpieces of a translation."""

import math
from collections.abc import Iterable, Sequence

from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.generation.ngrams import get_valid_tokens_mask, ngrams
from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric

TINY = 1e-13


@Metric.register("bleu")
class BLEU(SummedMetric):
    """Compute BLEU of sequences with one reference each, over the whole corpus, as `BLEU`; fraction in [0, 1].

    Source: Papineni et al., BLEU: a method for automatic evaluation of machine translation, 2002.
    """

    def __init__(
        self,
        ngram_weights: Sequence[float] = (0.25, 0.25, 0.25, 0.25),
        exclude_indices: Iterable[int] | None = None,
    ) -> None:
        """Build.

        Args:
            ngram_weights: Weight of the precision of 1-grams, 2-grams, ...
            exclude_indices: Elements that do not count, such as padding, start and end.
        """
        super().__init__(2 * len(ngram_weights) + 2)
        self._ngram_weights = ngram_weights
        self._exclude_indices = frozenset(exclude_indices or ())

    @overrides(check_signature=False)
    def __call__(self, predictions: Tensor, gold_targets: Tensor, mask: None = None) -> None:
        """Add a batch.

        Args:
            predictions: Elements of the predicted sequences. (batch, positions)
            gold_targets: Elements of the references. (batch, other positions)
            mask: None; `exclude_indices` says what does not count.

        Raises:
            ValueError: There is a mask.
        """
        refuse_mask("bleu", mask)
        counts = [self._matches(predictions, gold_targets, size) for size in range(1, len(self._ngram_weights) + 1)]
        lengths = (get_valid_tokens_mask(each, self._exclude_indices).sum() for each in (predictions, gold_targets))
        self._increase(*(number for pair in counts for number in pair), *lengths)

    def _matches(self, predictions: Tensor, gold_targets: Tensor, size: int) -> tuple[int, int]:
        """How many predicted n-grams the reference has too, and how many there are."""
        num_matches = num_predicted = 0
        for row, true_row in zip(predictions, gold_targets, strict=True):
            predicted = ngrams(row, size, self._exclude_indices)
            num_matches += (predicted & ngrams(true_row, size, self._exclude_indices)).total()
            num_predicted += predicted.total()
        return num_matches, num_predicted

    @overrides
    def _value(self, *sums: float) -> dict[str, float]:
        *counts, num_predicted, num_true = sums
        precisions = zip(self._ngram_weights, counts[::2], counts[1::2], strict=True)
        score = sum(weight * (math.log(hits + TINY) - math.log(total + TINY)) for weight, hits, total in precisions)
        return {"BLEU": _brevity_penalty(num_predicted, num_true) * math.exp(score)}


def _brevity_penalty(num_predicted: float, num_true: float) -> float:
    if num_predicted > num_true:
        return 1.0
    return math.exp(1.0 - num_true / num_predicted) if num_true and num_predicted else 0.0


def refuse_mask(metric: str, mask: object) -> None:
    """Refuse what a metric of generated sequences cannot use.

    Raises:
        ValueError: There is a mask.
    """
    if mask is not None:
        raise ValueError(f"{metric}: got a mask; expected none: exclude_indices says which elements do not count")
