"""What metrics need that compare two series of numbers."""

from abc import ABC, abstractmethod

import numpy as np
import torch
from overrides import overrides
from torch import Tensor, distributed

from foldformer.models.metrics.counting import several_processes
from foldformer.models.metrics.metric import Metric


class PairsMetric(Metric, ABC):
    """A metric that keeps every pair of a predicted and a true number until it is computed."""

    def __init__(self) -> None:
        self.reset()

    def _keep(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None) -> None:
        predicted, true = paired(predictions, gold_labels, mask)
        self._predicted.append(predicted.cpu())
        self._true.append(true.cpu())

    @overrides
    def get_metric(self, reset: bool = False) -> float:
        """Compute the metric over the pairs of all processes."""
        predicted, true = (_of_all_processes(torch.cat(parts)) for parts in (self._predicted, self._true))
        if reset:
            self.reset()
        return self._value(predicted, true)

    @abstractmethod
    def _value(self, predicted: Tensor, true: Tensor) -> float:
        """Compute the metric. (pairs,) each, float64."""

    @overrides
    def reset(self) -> None:
        self._predicted = [torch.zeros(0, dtype=torch.float64)]
        self._true = [torch.zeros(0, dtype=torch.float64)]


def paired(predictions: Tensor, gold_labels: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Line up the numbers that count.

    Args:
        predictions: Numbers, of any shape.
        gold_labels: True numbers, of the same shape.
        mask: True where a pair counts; None: everywhere.

    Returns:
        Two tensors, cut off from their gradients, float64. (pairs,)
    """
    predicted, true = (each.detach().double().reshape(-1) for each in (predictions, gold_labels))
    if mask is None:
        return predicted, true
    counted = mask.bool().reshape(-1)
    return predicted[counted], true[counted]


def average_ranks(values: Tensor) -> Tensor:
    """Rank numbers from 1; equal ones share the mean of their ranks. (values,)."""
    _, group, sizes = np.unique(values.numpy(), return_inverse=True, return_counts=True)
    mean_ranks = sizes.cumsum() - (sizes - 1) / 2
    return torch.from_numpy(mean_ranks[group.reshape(-1)])


def _of_all_processes(values: Tensor) -> Tensor:
    if not several_processes():
        return values
    gathered: list[Tensor] = [values] * distributed.get_world_size()
    distributed.all_gather_object(gathered, values)
    return torch.cat(gathered)
