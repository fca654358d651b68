"""How often the right class is the best one, or among the best."""

import torch
from overrides import overrides
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.models.metrics.counting import stat_scores
from foldformer.models.metrics.metric import Metric, check_labels
from foldformer.models.metrics.summed import SummedMetric, ratio


@Metric.register("categorical_accuracy")
class CategoricalAccuracy(SummedMetric):
    """Divide the number of items whose true class is among the `top_k` best scores by the number of items."""

    def __init__(self, top_k: int = 1, tie_break: bool = False) -> None:
        """Build.

        Args:
            top_k: How many of the best scores count as predicted. Among equal scores the lower class comes first.
            tie_break: Give an item whose true class shares the best score its share of a point.

        Raises:
            ConfigurationError: `top_k` is below 1, or above 1 with `tie_break`.
        """
        if top_k < 1:
            raise ConfigurationError(f"top_k: got {top_k}; expected at least 1")
        if top_k > 1 and tie_break:
            raise ConfigurationError(f"top_k: got {top_k} with tie_break; expected 1, or no tie_break")
        super().__init__(2)
        self._top_k = top_k
        self._tie_break = tie_break

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Scores of the classes. (batch, ..., classes)
            gold_labels: True classes. (batch, ...)
            mask: True where a label counts; None: everywhere. (batch, ...)

        Raises:
            ValueError: The shapes do not fit, or a label is no class.
        """
        predictions, gold_labels, mask = self.detach_tensors(predictions, gold_labels, mask)
        if predictions.shape[:-1] != gold_labels.shape:
            raise ValueError(
                f"categorical_accuracy: got labels of shape {tuple(gold_labels.shape)}; "
                f"expected {tuple(predictions.shape[:-1])}, for predictions of shape {tuple(predictions.shape)}"
            )
        check_labels("categorical_accuracy", gold_labels, predictions.size(-1))
        counted = torch.ones_like(gold_labels, dtype=torch.bool) if mask is None else mask.bool()
        scores, gold = predictions[counted], gold_labels[counted].long()
        num_right = _shares(scores, gold) if self._tie_break else _hits(scores, gold, self._top_k)
        self._increase(num_right, len(gold))

    @overrides
    def _value(self, *sums: float) -> float:
        return ratio(*sums)


def _hits(scores: Tensor, gold: Tensor, top_k: int) -> Tensor:
    num_classes = scores.size(-1)
    if top_k == 1:
        return stat_scores(scores.argmax(dim=-1), gold, num_classes)[:, 0].sum().float()
    # Ranks in place of scores: which of equal scores torch.topk takes is not defined.
    order = scores.sort(dim=-1, descending=True, stable=True).indices
    ranks = torch.arange(num_classes, 0, -1, device=scores.device, dtype=torch.float).expand_as(order)
    distinct = torch.zeros_like(ranks).scatter(-1, order, ranks)
    return stat_scores(distinct, gold, num_classes, min(top_k, num_classes))[:, 0].sum().float()


def _shares(scores: Tensor, gold: Tensor) -> Tensor:
    is_best = scores == scores.amax(dim=-1, keepdim=True)
    return (is_best.gather(-1, gold.unsqueeze(-1)).squeeze(-1) / is_best.sum(dim=-1)).sum()
