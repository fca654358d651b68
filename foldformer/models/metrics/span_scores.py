"""Precision, recall and F1 of spans that have a name."""

from collections import Counter
from collections.abc import Hashable
from collections.abc import Set as AbstractSet

from overrides import overrides

from foldformer.models.metrics.counting import over_all_processes
from foldformer.models.metrics.metric import Metric

TINY = 1e-13


class SpanScores(Metric):
    """Counts spans by name: those that were found, those that are true, and those that are both.

    Gives `precision-overall`, `recall-overall` and `f1-measure-overall`, and the same for each name that was seen.
    """

    def __init__(self) -> None:
        self.reset()

    def _count(self, found: AbstractSet[tuple[str, Hashable]], true: AbstractSet[tuple[str, Hashable]]) -> None:
        """Add the spans of one sequence, each a name and what tells it from others of that name."""
        self._right.update(name for name, _ in found & true)
        self._predicted.update(name for name, _ in found)
        self._true.update(name for name, _ in true)

    @overrides
    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """Compute the scores by name, fractions in [0, 1]."""
        right, predicted, true = (over_all_processes(each) for each in (self._right, self._predicted, self._true))
        metrics: dict[str, float] = {}
        for name in sorted(predicted.keys() | true.keys()):
            metrics |= _scores(name, right[name], predicted[name], true[name])
        metrics |= _scores("overall", right.total(), predicted.total(), true.total())
        if reset:
            self.reset()
        return metrics

    @overrides
    def reset(self) -> None:
        self._right: Counter[str] = Counter()
        self._predicted: Counter[str] = Counter()
        self._true: Counter[str] = Counter()


def _scores(name: str, right: int, predicted: int, true: int) -> dict[str, float]:
    precision, recall = right / (predicted + TINY), right / (true + TINY)
    f1_measure = 2.0 * precision * recall / (precision + recall + TINY)
    return {f"precision-{name}": precision, f"recall-{name}": recall, f"f1-measure-{name}": f1_measure}
