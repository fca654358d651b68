"""How often one of the best sequences is the true one."""

from overrides import overrides
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric, ratio


@Metric.register("sequence_accuracy")
class SequenceAccuracy(SummedMetric):
    """Divide the number of items of whose `k` predicted sequences one is the true one by the number of items."""

    def __init__(self) -> None:
        super().__init__(2)

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Predicted sequences. (batch, k, positions)
            gold_labels: True sequence. (batch, positions)
            mask: True where a position counts; None: everywhere. (batch, positions)

        Raises:
            ConfigurationError: The shapes do not fit.
        """
        predictions, gold_labels, mask = self.detach_tensors(predictions, gold_labels, mask)
        check_shapes("sequence_accuracy", predictions, gold_labels, mask)
        is_right = predictions == gold_labels.unsqueeze(1)  # (batch, k, positions)
        if mask is not None:
            is_right = is_right | ~mask.bool().unsqueeze(1)
        self._increase(is_right.all(dim=2).any(dim=1).sum(), len(gold_labels))

    @overrides
    def _value(self, *sums: float) -> dict[str, float]:
        return {"accuracy": ratio(*sums)}


def check_shapes(metric: str, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None) -> None:
    """Check that there is one true sequence, and one mask, for several predicted ones.

    Raises:
        ConfigurationError: There is not.
    """
    if gold_labels.dim() != predictions.dim() - 1:
        raise ConfigurationError(
            f"{metric}: got labels of shape {tuple(gold_labels.shape)} and predictions of {tuple(predictions.shape)}; "
            "expected (batch, positions) and (batch, k, positions)"
        )
    if mask is not None and mask.shape != gold_labels.shape:
        raise ConfigurationError(
            f"{metric}: got a mask of shape {tuple(mask.shape)}; expected that of the labels, "
            f"{tuple(gold_labels.shape)}"
        )
