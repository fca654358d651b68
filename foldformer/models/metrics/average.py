"""The mean of numbers."""

from typing import Any

from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric, ratio


@Metric.register("average")
class Average(SummedMetric):
    """Average numbers, such as losses; 0 before the first number."""

    def __init__(self) -> None:
        super().__init__(2)

    @overrides(check_signature=False)
    def __call__(self, value: float | Tensor, *_: Any) -> None:
        """Add one number.

        Args:
            value: A number or a tensor of one number.
        """
        self._increase(float(value), 1)

    @overrides
    def _value(self, *sums: float) -> float:
        return ratio(*sums)
