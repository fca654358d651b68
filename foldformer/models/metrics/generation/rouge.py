"""ROUGE of elements, such as the words or wordpieces of a summary."""

from collections.abc import Iterable, Sequence

from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.generation.bleu import refuse_mask
from foldformer.models.metrics.generation.ngrams import ngrams
from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric, ratio

Scores = tuple[float, float, float]
"""Recall, precision and F1."""


@Metric.register("rouge")
class ROUGE(SummedMetric):
    """Compute ROUGE of sequences with one reference each, averaged over sequences; fractions in [0, 1].

    `ROUGE-1_R`, `ROUGE-1_P`, `ROUGE-1_F1`, ... score n-grams, `ROUGE-L` (F1) the longest common subsequence.
    Source: Lin, ROUGE: a package for automatic evaluation of summaries, 2004.
    """

    def __init__(self, ngram_size: int = 2, exclude_indices: Iterable[int] | None = None) -> None:
        """Build.

        Args:
            ngram_size: The longest n-grams that are scored, in elements.
            exclude_indices: Elements that do not count, such as padding, start and end.
        """
        super().__init__(3 * ngram_size + 2)
        self._ngram_size = ngram_size
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
        refuse_mask("rouge", mask)
        rows = [self._row(*pair) for pair in zip(predictions, gold_targets, strict=True)]
        self._increase(*(sum(column) for column in zip(*rows, strict=True)), len(rows))

    def _row(self, predicted: Tensor, true: Tensor) -> list[float]:
        numbers: list[float] = []
        for size in range(1, self._ngram_size + 1):
            found, wanted = (ngrams(each, size, self._exclude_indices) for each in (predicted, true))
            numbers += _scores((found & wanted).total(), found.total(), wanted.total())
        kept, true_kept = (
            [each for each in row.tolist() if each not in self._exclude_indices] for row in (predicted, true)
        )
        return [*numbers, _scores(_longest_common(kept, true_kept), len(kept), len(true_kept))[2]]

    @overrides
    def _value(self, *sums: float) -> dict[str, float]:
        *numbers, longest, count = sums
        metrics = {
            f"ROUGE-{size}_{name}": ratio(numbers[3 * size - 3 + place], count)
            for place, name in enumerate(("R", "P", "F1"))
            for size in range(1, self._ngram_size + 1)
        }
        return {**metrics, "ROUGE-L": ratio(longest, count)}


def _scores(num_right: int, num_predicted: int, num_true: int) -> Scores:
    recall, precision = ratio(num_right, num_true), ratio(num_right, num_predicted)
    return recall, precision, ratio(2 * recall * precision, recall + precision)


def _longest_common(one: Sequence[int], other: Sequence[int]) -> int:
    """The length of the longest common subsequence."""
    lengths = [0] * (len(other) + 1)
    for element in one:
        row = [0]
        for place, candidate in enumerate(other):
            row.append(lengths[place] + 1 if element == candidate else max(lengths[place + 1], row[place]))
        lengths = row
    return lengths[-1]
