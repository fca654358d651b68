"""Every way to look at precision, recall and F-beta, by name."""

from collections.abc import Mapping

from overrides import overrides

from foldformer.models.metrics.fbeta_measure import FBetaMeasure, Scores
from foldformer.models.metrics.metric import Metric


@Metric.register("fbeta_verbose")
class FBetaVerboseMeasure(FBetaMeasure):
    """Compute the scores of each class (`PER-precision`) and all averages (`macro-fscore`, `micro-recall`)."""

    def __init__(
        self, beta: float = 1.0, labels: list[int] | None = None, index_to_label: Mapping[int, str] | None = None
    ) -> None:
        """Build.

        Args:
            beta: Weight of the recall, above 0.
            labels: Classes that count; None: all.
            index_to_label: Names of the classes; None: their numbers.
        """
        super().__init__(beta=beta, labels=labels)
        self._index_to_label = index_to_label

    @overrides
    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """Compute the scores by name, fractions in [0, 1].

        Raises:
            RuntimeError: No batch was added.
        """
        counts = self._counts()
        by_class = counts.scores(self._beta)
        numbers = self._labels or range(len(counts.true))
        metrics: dict[str, float] = {}
        for place, number in enumerate(numbers):
            name = self._index_to_label[number] if self._index_to_label else str(number)
            metrics |= _named(name, Scores(*(each[place] for each in by_class)))
        for average in ("macro", "weighted", "micro"):
            metrics |= _named(average, counts.averaged(self._beta, average))
        if reset:
            self.reset()
        return metrics


def _named(name: str, scores: Scores) -> dict[str, float]:
    return {f"{name}-{score}": value.item() for score, value in scores._asdict().items()}
