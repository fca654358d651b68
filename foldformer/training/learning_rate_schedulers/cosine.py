"""Cosine annealing with restarts."""

import math
from collections.abc import Sequence
from typing import Annotated

import torch
from overrides import overrides

from foldformer.config import AtLeastOne, ConfigurationError, Range
from foldformer.training.learning_rate_schedulers.learning_rate_scheduler import LearningRateScheduler


@LearningRateScheduler.register("cosine")
class CosineWithRestarts(LearningRateScheduler):
    """Down a cosine within each cycle of epochs, and back up at its end.

    Args:
        optimizer: Whose learning rates to change.
        t_initial: Epochs in the first cycle.
        t_mul: The n-th cycle has `int(t_initial * t_mul^n)` epochs.
        eta_min: The lowest learning rate.
        eta_mul: The n-th cycle starts from `eta_mul^n` times the learning rate.
        last_epoch: The last epoch that has been completed; -1 at the start.

    Raises:
        ConfigurationError: `t_initial` is less than 1 or `eta_min` is negative.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts".
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        t_initial: AtLeastOne,
        t_mul: float = 1.0,
        eta_min: Annotated[float, Range(min=0)] = 0.0,
        eta_mul: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        if t_initial < 1 or eta_min < 0:
            raise ConfigurationError(
                f"t_initial, eta_min: got {t_initial} and {eta_min}; expected at least 1 epoch and a rate of at least 0"
            )
        super().__init__(optimizer, last_epoch)
        self.t_initial = t_initial
        self.t_mul = t_mul
        self.eta_min = eta_min
        self.eta_mul = eta_mul
        self._last_restart = 0
        self._cycle_len = t_initial
        self._n_restarts = 0

    @overrides
    def get_values(self) -> Sequence[float]:
        """The learning rates of the coming epoch."""
        if self.last_epoch == -1:
            return self.base_values
        epoch = self.last_epoch + 1
        in_cycle = epoch - self._last_restart
        if in_cycle % self._cycle_len == 0:
            self._n_restarts += 1
            self._last_restart = epoch
            in_cycle = 0
        self._cycle_len = int(self.t_initial * self.t_mul**self._n_restarts)
        return [self._annealed(rate * self.eta_mul**self._n_restarts, in_cycle) for rate in self.base_values]

    def _annealed(self, rate: float, in_cycle: int) -> float:
        cosine = math.cos(math.pi * (in_cycle % self._cycle_len) / self._cycle_len)
        return self.eta_min + ((rate - self.eta_min) / 2) * (cosine + 1)
