"""Linear layers of which the largest of several outputs counts."""

from typing import TypeVar

from torch import Tensor, nn

from foldformer.config import AtLeastOne, ConfigurationError, Fraction, FromParams

T = TypeVar("T")


class Maxout(nn.Module, FromParams):
    """A stack of linear layers; each output is the largest of a pool.

    State-dict keys are `_linear_layers.N.weight` and `.bias`.

    Source: Goodfellow et al. (2013), Maxout networks, https://arxiv.org/abs/1302.4389.
    """

    def __init__(
        self,
        input_dim: AtLeastOne,
        num_layers: AtLeastOne,
        output_dims: AtLeastOne | list[AtLeastOne],
        pool_sizes: AtLeastOne | list[AtLeastOne],
        dropout: Fraction | list[Fraction] = 0.0,
    ) -> None:
        """Build with random weights.

        Args:
            input_dim: Width of the input.
            num_layers: How many layers.
            output_dims: Output width of each layer, or one for all.
            pool_sizes: How many candidates each output of a layer has, or one number for all.
            dropout: Dropout after each layer, or one for all; fraction in [0, 1).

        Raises:
            ConfigurationError: A list does not have `num_layers` members.
        """
        super().__init__()
        self._input_dim = input_dim
        self._output_dims = _one_each("output_dims", output_dims, num_layers)
        self._pool_sizes = _one_each("pool_sizes", pool_sizes, num_layers)
        sizes = zip([input_dim, *self._output_dims], self._output_dims, self._pool_sizes, strict=False)
        self._linear_layers = nn.ModuleList(nn.Linear(before, after * pool) for before, after, pool in sizes)
        self._dropout = nn.ModuleList(nn.Dropout(p) for p in _one_each("dropout", dropout, num_layers))

    def get_input_dim(self) -> int:
        """Width of the input."""
        return self._input_dim

    def get_output_dim(self) -> int:
        """Width of the output."""
        return self._output_dims[-1]

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply the layers.

        Args:
            inputs: (..., input_dim)

        Returns:
            (..., last of output_dims)
        """
        for linear, pool, dropout in zip(self._linear_layers, self._pool_sizes, self._dropout, strict=True):
            candidates = linear(inputs)
            inputs = dropout(candidates.view(*candidates.shape[:-1], -1, pool).amax(-1))
        return inputs


def _one_each(name: str, value: T | list[T], num_layers: int) -> list[T]:
    values = value if isinstance(value, list) else [value] * num_layers
    if len(values) != num_layers:
        raise ConfigurationError(
            f"{name}: got {len(values)} values; expected one, or one for each of {num_layers} layers"
        )
    return values
