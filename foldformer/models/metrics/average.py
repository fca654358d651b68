"""The mean of numbers."""

from typing import TYPE_CHECKING, Any

import torch
from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.counting import new_tally
from foldformer.models.metrics.metric import Metric

if TYPE_CHECKING:
    from foldformer.models.metrics.tally import Tally


@Metric.register("average")
class Average(Metric):
    """Average numbers, such as losses."""

    def __init__(self) -> None:
        self._tally: Tally | None = None

    @overrides(check_signature=False)
    def __call__(self, value: float | Tensor, *_: Any) -> None:
        """Add one number.

        Args:
            value: A number or a tensor of one number.
        """
        number = float(value)
        if self._tally is None:
            self._tally = new_tally(2)
        self._tally.update(torch.tensor([number, 1.0]))

    @overrides
    def get_metric(self, reset: bool = False) -> float:
        """Compute the mean; 0 before the first number."""
        if self._tally is None:
            return 0.0
        total, num_values = self._tally.compute().tolist()
        if reset:
            self.reset()
        return total / num_values if num_values else 0.0

    @overrides
    def reset(self) -> None:
        if self._tally is not None:
            self._tally.reset()
