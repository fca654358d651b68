"""Dropout that is the same at every position."""

from overrides import overrides
from torch import Tensor, nn


class InputVariationalDropout(nn.Dropout):
    """Drop the same numbers of the vectors of all positions of a sequence.

    Source: Gal and Ghahramani, A theoretically grounded application of dropout in recurrent neural networks, 2016.
    """

    @overrides(check_signature=False)
    def forward(self, input_tensor: Tensor) -> Tensor | None:
        """Drop.

        Args:
            input_tensor: (batch, positions, dim)

        Returns:
            (batch, positions, dim); None where the input itself is changed.
        """
        mask = nn.functional.dropout(
            input_tensor.new_ones(len(input_tensor), 1, input_tensor.size(-1)), self.p, self.training
        )
        if self.inplace:
            input_tensor *= mask
            return None
        return input_tensor * mask
