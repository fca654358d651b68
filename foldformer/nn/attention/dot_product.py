"""Attention by products."""

import math

import torch
from overrides import overrides
from torch import Tensor

from foldformer.config import AtLeastOne
from foldformer.nn.attention.attention import Attention


@Attention.register("dot_product")
class DotProductAttention(Attention):
    """Score by the dot product of vector and row."""

    @overrides
    def _forward_internal(self, vector: Tensor, matrix: Tensor) -> Tensor:
        return torch.einsum("bd,brd->br", vector, matrix)


@Attention.register("scaled_dot_product")
class ScaledDotProductAttention(DotProductAttention):
    """Score by the dot product over the square root of the width.

    Args:
        scaling_factor: Take the square root of this number instead.
        normalize: Make weights of the scores.
    """

    def __init__(self, scaling_factor: AtLeastOne | None = None, normalize: bool = True) -> None:
        super().__init__(normalize)
        self.scaling_factor = scaling_factor

    @overrides
    def _forward_internal(self, vector: Tensor, matrix: Tensor) -> Tensor:
        return super()._forward_internal(vector, matrix) / math.sqrt(self.scaling_factor or matrix.size(-1))
