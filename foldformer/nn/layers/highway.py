"""Layers that may let their input pass."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Highway(nn.Module):
    """Apply layers `g x + (1 - g) f(A x)` with the gate `g = sigmoid(B x)`, at first mostly open.

    Args:
        input_dim: Width of the vectors.
        num_layers: How many layers.
        activation: The function `f`.

    Source: Srivastava et al., Highway networks, 2015.
    """

    def __init__(
        self, input_dim: int, num_layers: int = 1, activation: Callable[[Tensor], Tensor] = torch.relu
    ) -> None:
        super().__init__()
        self._activation = activation
        self._layers = nn.ModuleList(nn.Linear(input_dim, input_dim * 2) for _ in range(num_layers))
        for layer in self._layers:
            nn.init.ones_(layer.bias[input_dim:])  # type: ignore[index]

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply the layers.

        Args:
            inputs: (..., dim)

        Returns:
            (..., dim)
        """
        for layer in self._layers:
            projected, gate = layer(inputs).chunk(2, dim=-1)
            inputs = torch.lerp(self._activation(projected), inputs, gate.sigmoid())
        return inputs
