"""The base of everything that fills a parameter with values."""

from abc import abstractmethod
from typing import Any

from torch import Tensor

from foldformer.config import Registrable


class Initializer(Registrable):
    """Fill a tensor in place."""

    default_implementation = "normal"

    @abstractmethod
    def __call__(self, tensor: Tensor, **kwargs: Any) -> None:
        """Fill a tensor.

        Args:
            tensor: The parameter, changed in place.
            **kwargs: `parameter_name`, for those who need it.
        """
