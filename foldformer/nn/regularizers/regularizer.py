"""The base of every penalty on a parameter, and the two that there are."""

from abc import abstractmethod

from overrides import overrides
from torch import Tensor

from foldformer.config import Registrable


class Regularizer(Registrable):
    """Compute a penalty for the size of a parameter."""

    default_implementation = "l2"

    @abstractmethod
    def __call__(self, parameter: Tensor) -> Tensor:
        """Compute the penalty.

        Args:
            parameter: Any shape.

        Returns:
            A scalar.
        """


@Regularizer.register("l1")
class L1Regularizer(Regularizer):
    """`alpha` times the sum of the absolute values."""

    def __init__(self, alpha: float = 0.01) -> None:
        self.alpha = alpha

    @overrides
    def __call__(self, parameter: Tensor) -> Tensor:
        return self.alpha * parameter.abs().sum()


@Regularizer.register("l2")
class L2Regularizer(Regularizer):
    """`alpha` times the sum of the squares."""

    def __init__(self, alpha: float = 0.01) -> None:
        self.alpha = alpha

    @overrides
    def __call__(self, parameter: Tensor) -> Tensor:
        return self.alpha * parameter.square().sum()
