"""A learned balance of two vectors."""

import torch
from torch import Tensor, nn

from foldformer.nn.activation import Activation


class GatedSum(nn.Module):
    """Add two vectors, weighted by a gate: `g a + (1 - g) b`, where `g` is a number computed from both.

    Args:
        input_dim: Width of the vectors.
        activation: Turns a number into the gate; None: the sigmoid.
    """

    def __init__(self, input_dim: int, activation: Activation | None = None) -> None:
        super().__init__()
        self.input_dim = input_dim
        self._gate = nn.Linear(input_dim * 2, 1)
        self._activation = activation or nn.Sigmoid()

    def get_input_dim(self) -> int:
        """Return the width of the vectors."""
        return self.input_dim

    def get_output_dim(self) -> int:
        """Return the width of the vectors."""
        return self.input_dim

    def forward(self, input_a: Tensor, input_b: Tensor) -> Tensor:
        """Add.

        Args:
            input_a: (..., dim)
            input_b: (..., dim)

        Returns:
            (..., dim)

        Raises:
            ValueError: The shapes differ, or the width is another.
        """
        if input_a.shape != input_b.shape or input_a.size(-1) != self.input_dim:
            raise ValueError(
                f"GatedSum: got shapes {tuple(input_a.shape)} and {tuple(input_b.shape)}; expected the same, of width "
                f"{self.input_dim}"
            )
        gate = self._activation(self._gate(torch.cat([input_a, input_b], dim=-1)))
        return torch.lerp(input_b, input_a, gate)
