"""Scores by products."""

import math

from overrides import overrides
from torch import Tensor

from foldformer.nn.matrix_attention.matrix_attention import MatrixAttention


@MatrixAttention.register("dot_product")
class DotProductMatrixAttention(MatrixAttention):
    """Score by the dot product of two rows."""

    @overrides
    def forward(self, matrix_1: Tensor, matrix_2: Tensor) -> Tensor:
        """Compute the scores; see the base class."""
        return matrix_1 @ matrix_2.transpose(-1, -2)


@MatrixAttention.register("scaled_dot_product")
class ScaledDotProductMatrixAttention(DotProductMatrixAttention):
    """Score by the dot product of two rows over the square root of their width."""

    @overrides
    def forward(self, matrix_1: Tensor, matrix_2: Tensor) -> Tensor:
        """Compute the scores; see the base class."""
        return super().forward(matrix_1, matrix_2) / math.sqrt(matrix_1.size(-1))
