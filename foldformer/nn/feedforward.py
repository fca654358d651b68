"""Linear layers with activations between them."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, ConfigurationError, Fraction, FromParams, Problem
from foldformer.nn.activation import Activation

T = TypeVar("T")


class FeedForward(nn.Module, FromParams):
    """A stack of linear layers, each followed by an activation and dropout.

    State-dict keys are `_linear_layers.N.weight` and `.bias`.
    """

    def __init__(
        self,
        input_dim: AtLeastOne,
        num_layers: AtLeastOne,
        hidden_dims: AtLeastOne | list[AtLeastOne],
        activations: Activation | list[Activation],
        dropout: Fraction | list[Fraction] = 0.0,
    ) -> None:
        """Build with random weights.

        Args:
            input_dim: Width of the input.
            num_layers: How many linear layers, at least 1.
            hidden_dims: Output width of each layer, or one for all.
            activations: Activation after each layer, or one for all.
            dropout: Dropout after each activation, or one for all; fraction in [0, 1).

        Raises:
            ConfigurationError: A list does not have `num_layers` members.
        """
        super().__init__()
        if num_layers < 1:
            raise ConfigurationError(f"num_layers: got {num_layers}; expected at least 1")
        dims = _one_each("hidden_dims", hidden_dims, num_layers)
        inputs = [input_dim, *dims[:-1]]
        functions: list[Activation] = _one_each("activations", activations, num_layers)
        self._activations = nn.ModuleList(functions)
        self._linear_layers = nn.ModuleList(
            nn.Linear(before, after) for before, after in zip(inputs, dims, strict=True)
        )
        self._dropout = nn.ModuleList(nn.Dropout(p) for p in _one_each("dropout", dropout, num_layers))
        self.input_dim = input_dim
        self._output_dim = dims[-1]

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """Lists that have a member for each layer."""
        count = block.get("num_layers")
        for name in ("hidden_dims", "activations", "dropout"):
            values = block.get(name)
            if isinstance(values, list) and count is not None and len(values) != count:
                message = f"got {len(values)} values; expected one, or one for each of {count} layers"
                yield Problem(name, message)

    def get_input_dim(self) -> int:
        """Width of the input."""
        return self.input_dim

    def get_output_dim(self) -> int:
        """Width of the output."""
        return self._output_dim

    @overrides(check_signature=False)
    def forward(self, inputs: Tensor) -> Tensor:
        """Apply the layers.

        Args:
            inputs: (..., input_dim)

        Returns:
            (..., last of hidden_dims)
        """
        for linear, activation, dropout in zip(self._linear_layers, self._activations, self._dropout, strict=True):
            inputs = dropout(activation(linear(inputs)))
        return inputs


def _one_each(name: str, value: T | list[T], num_layers: int) -> list[T]:
    values = value if isinstance(value, list) else [value] * num_layers
    if len(values) != num_layers:
        raise ConfigurationError(
            f"{name}: got {len(values)} values; expected one, or one for each of {num_layers} layers"
        )
    return values
