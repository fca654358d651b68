"""Attention by the angle between vectors."""

import torch
from overrides import overrides
from torch import Tensor

from foldformer.nn.attention.attention import Attention
from foldformer.nn.functions.limits import tiny_value_of_dtype


@Attention.register("cosine")
class CosineAttention(Attention):
    """Score by the cosine of the angle between vector and row; 0 for a vector of zeros."""

    @overrides
    def _forward_internal(self, vector: Tensor, matrix: Tensor) -> Tensor:
        return torch.einsum("bd,brd->br", of_length_one(vector), of_length_one(matrix))


def of_length_one(vectors: Tensor) -> Tensor:
    """Divide vectors by their lengths. (..., dim)."""
    lengths: Tensor = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    return vectors / (lengths + tiny_value_of_dtype(vectors.dtype))
