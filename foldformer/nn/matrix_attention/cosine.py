"""Scores by the angle between vectors."""

from overrides import overrides
from torch import Tensor

from foldformer.nn.attention.cosine import of_length_one
from foldformer.nn.matrix_attention.matrix_attention import MatrixAttention


@MatrixAttention.register("cosine")
class CosineMatrixAttention(MatrixAttention):
    """Score by the cosine of the angle between two rows; 0 for a row of zeros."""

    @overrides
    def forward(self, matrix_1: Tensor, matrix_2: Tensor) -> Tensor:
        """Compute the scores; see the base class."""
        return of_length_one(matrix_1) @ of_length_one(matrix_2).transpose(-1, -2)
