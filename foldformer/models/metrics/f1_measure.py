"""Precision, recall and F1 of one class."""

from overrides import overrides

from foldformer.models.metrics.fbeta_measure import FBetaMeasure
from foldformer.models.metrics.metric import Metric


@Metric.register("f1")
class F1Measure(FBetaMeasure):
    """Compute `precision`, `recall` and `f1` of one class."""

    def __init__(self, positive_label: int) -> None:
        """Build.

        Args:
            positive_label: The class.
        """
        super().__init__(beta=1.0, labels=[positive_label])

    @overrides
    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """Compute the scores, fractions in [0, 1].

        Raises:
            RuntimeError: No batch was added.
        """
        scores = super().get_metric(reset)
        return {"precision": scores["precision"][0], "recall": scores["recall"][0], "f1": scores["fscore"][0]}
