"""The base of metrics that are a formula over sums."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import torch
from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.counting import new_tally, several_processes
from foldformer.models.metrics.metric import Metric

if TYPE_CHECKING:
    from foldformer.models.metrics.tally import Tally


class SummedMetric(Metric, ABC):
    """A metric that adds numbers up, batch by batch, and computes its value from the sums over all processes.

    Args:
        num_sums: How many numbers are added up.
    """

    def __init__(self, num_sums: int) -> None:
        self._num_sums = num_sums
        self._tally: Tally | None = None

    def _increase(self, *numbers: float | Tensor) -> None:
        """Add one batch's numbers, tensors of one number among them."""
        values = [torch.as_tensor(number, dtype=torch.float64) for number in numbers]
        device = next((value.device for value in values if value.device.type != "cpu"), torch.device("cpu"))
        self._own_tally().to(device).update(torch.stack([value.to(device) for value in values]))

    def _own_tally(self) -> "Tally":
        if self._tally is None:
            self._tally = new_tally(self._num_sums)
        return self._tally

    @abstractmethod
    def _value(self, *sums: float) -> Any:
        """Compute the metric from the sums; all are 0 before the first batch."""

    @overrides
    def get_metric(self, reset: bool = False) -> Any:
        """Compute the metric over all batches of all processes."""
        has_batches = self._tally is not None or several_processes()
        sums = self._own_tally().compute().tolist() if has_batches else [0.0] * self._num_sums
        if reset:
            self.reset()
        return self._value(*sums)

    @overrides
    def reset(self) -> None:
        if self._tally is not None:
            self._tally.reset()


def ratio(numerator: float, denominator: float) -> float:
    """Divide; 0 where there is nothing to divide by."""
    return numerator / denominator if denominator else 0.0
