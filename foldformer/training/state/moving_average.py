"""Averages of a model's parameters over the steps of training."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from overrides import overrides
from torch import Tensor

from foldformer.config import Fraction, Registrable


class MovingAverage(Registrable, ABC):
    """Follows parameters with averages, which stand in for them while validating and when the best weights are saved.

    Args:
        parameters: Names and parameters; handed over by the trainer.
    """

    default_implementation = "exponential"

    def __init__(self, parameters: Sequence[tuple[str, Tensor]]) -> None:
        self._parameters = list(parameters)
        self._shadows = {name: parameter.detach().clone() for name, parameter in self._parameters}
        self._backups: dict[str, Tensor] = {}

    @abstractmethod
    def apply(self, num_updates: int | None = None) -> None:
        """Take the parameters of this step into the averages.

        Args:
            num_updates: Steps so far.
        """

    @torch.no_grad()
    def assign_average_value(self) -> None:
        """Put the averages in the place of the parameters; `restore` undoes it."""
        for name, parameter in self._parameters:
            self._backups[name] = parameter.detach().clone()
            parameter.copy_(self._shadows[name])

    @torch.no_grad()
    def restore(self) -> None:
        """Put the parameters back."""
        for name, parameter in self._parameters:
            if name in self._backups:
                parameter.copy_(self._backups[name])
        self._backups = {}

    def state_dict(self) -> dict[str, Any]:
        """The averages by name."""
        return {"shadows": self._shadows}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take up the state of another average."""
        for name, shadow in state_dict["shadows"].items():
            self._shadows[name].copy_(shadow)


@MovingAverage.register("exponential")
class ExponentialMovingAverage(MovingAverage):
    """`average = d * average + (1 - d) * parameter`.

    At step n, `d = min(decay, (numerator + n) / (denominator + n))`.

    Args:
        parameters: Names and parameters; handed over by the trainer.
        decay: Fraction in [0, 1].
        numerator: Makes the average follow faster at the start.
        denominator: The same.
    """

    def __init__(
        self,
        parameters: Sequence[tuple[str, Tensor]],
        decay: Fraction = 0.9999,
        numerator: float = 1.0,
        denominator: float = 10.0,
    ) -> None:
        super().__init__(parameters)
        self._decay = decay
        self._numerator = numerator
        self._denominator = denominator

    @torch.no_grad()
    @overrides
    def apply(self, num_updates: int | None = None) -> None:
        """Take the parameters of this step into the averages."""
        decay = self._decay
        if num_updates is not None:
            decay = min(decay, (self._numerator + num_updates) / (self._denominator + num_updates))
        for name, parameter in self._parameters:
            self._shadows[name].mul_(decay).add_(parameter, alpha=1 - decay)
