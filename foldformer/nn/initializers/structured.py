"""Initializers that look at the shape of the parameter."""

import itertools
import math
from typing import Any

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import ConfigurationError
from foldformer.nn.initializers.initializer import Initializer
from foldformer.nn.initializers.random import Nonlinearity


@Initializer.register("block_orthogonal")
class BlockOrthogonalInitializer(Initializer):
    """Cut the parameter into blocks and make each of them orthogonal, as for the stacked gates of an LSTM."""

    def __init__(self, split_sizes: list[int], gain: float = 1.0) -> None:
        """Build.

        Args:
            split_sizes: Size of a block in each dimension; a divisor of the parameter's size.
            gain: Factor on the values.
        """
        self._split_sizes = split_sizes
        self._gain = gain

    @torch.no_grad()
    @overrides
    def __call__(self, tensor: Tensor, **_: Any) -> None:
        """Fill a tensor.

        Raises:
            ConfigurationError: A size is not a multiple of its block's.
        """
        if len(self._split_sizes) != tensor.dim() or any(
            size % block for size, block in zip(tensor.shape, self._split_sizes, strict=True)
        ):
            raise ConfigurationError(
                f"split_sizes: got {self._split_sizes} for a parameter of shape {tuple(tensor.shape)}; "
                "expected a divisor of each of its sizes"
            )
        starts = [range(0, size, block) for size, block in zip(tensor.shape, self._split_sizes, strict=True)]
        for corner in itertools.product(*starts):
            place = tuple(slice(at, at + block) for at, block in zip(corner, self._split_sizes, strict=True))
            tensor[place] = nn.init.orthogonal_(torch.empty_like(tensor[place]), gain=self._gain)


@Initializer.register("uniform_unit_scaling")
class UniformUnitScalingInitializer(Initializer):
    """Draw uniformly so that a linear layer keeps the variance of its input.

    The values lie between plus and minus gain(nonlinearity) * sqrt(3 / product of all sizes but the last).

    Source: Sussillo and Abbott 2014, "Random Walk Initialization for Training Very Deep Feedforward Networks".
    """

    def __init__(self, nonlinearity: Nonlinearity = "linear") -> None:
        """Build.

        Args:
            nonlinearity: What follows the layer.
        """
        self._nonlinearity = nonlinearity

    @overrides
    def __call__(self, tensor: Tensor, **_: Any) -> None:
        num_inputs = math.prod(tensor.shape[:-1])
        limit = nn.init.calculate_gain(self._nonlinearity) * math.sqrt(3 / num_inputs)
        nn.init.uniform_(tensor, -limit, limit)


@Initializer.register("lstm_hidden_bias")
class LstmHiddenBiasInitializer(Initializer):
    """Set an LSTM's bias to zero, and to one at the forget gate, so that it begins by remembering."""

    @torch.no_grad()
    @overrides
    def __call__(self, tensor: Tensor, **_: Any) -> None:
        hidden_size = tensor.size(0) // 4
        tensor.zero_()
        tensor[hidden_size : 2 * hidden_size] = 1.0
