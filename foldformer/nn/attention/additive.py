"""Attention by a small network."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne
from foldformer.nn.attention.attention import Attention


@Attention.register("additive")
class AdditiveAttention(Attention):
    """Score by `v tanh(x W + y U)`.

    Source: Bahdanau, Cho and Bengio, Neural machine translation by jointly learning to align and translate, 2015.

    Args:
        vector_dim: Width of the vector.
        matrix_dim: Width of the matrix.
        normalize: Make weights of the scores.
    """

    def __init__(self, vector_dim: AtLeastOne, matrix_dim: AtLeastOne, normalize: bool = True) -> None:
        super().__init__(normalize)
        self._w_matrix = nn.Parameter(nn.init.xavier_uniform_(torch.empty(vector_dim, vector_dim)))
        self._u_matrix = nn.Parameter(nn.init.xavier_uniform_(torch.empty(matrix_dim, vector_dim)))
        self._v_vector = nn.Parameter(nn.init.xavier_uniform_(torch.empty(vector_dim, 1)))

    @overrides
    def _forward_internal(self, vector: Tensor, matrix: Tensor) -> Tensor:
        hidden = torch.tanh((vector @ self._w_matrix).unsqueeze(1) + matrix @ self._u_matrix)
        return (hidden @ self._v_vector).squeeze(-1)
