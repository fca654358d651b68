"""Attention by a matrix of weights."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne
from foldformer.nn.activation import Activation
from foldformer.nn.attention.attention import Attention


@Attention.register("bilinear")
class BilinearAttention(Attention):
    """Score by `f(x W y + b)`.

    Args:
        vector_dim: Width of the vector.
        matrix_dim: Width of the matrix.
        activation: The function `f`; None: none.
        normalize: Make weights of the scores.
    """

    def __init__(
        self,
        vector_dim: AtLeastOne,
        matrix_dim: AtLeastOne,
        activation: Activation | None = None,
        normalize: bool = True,
    ) -> None:
        super().__init__(normalize)
        self._weight_matrix = nn.Parameter(nn.init.xavier_uniform_(torch.empty(vector_dim, matrix_dim)))
        self._bias = nn.Parameter(torch.zeros(1))
        self._activation = activation or nn.Identity()

    @overrides
    def _forward_internal(self, vector: Tensor, matrix: Tensor) -> Tensor:
        scores = torch.einsum("bv,vm,brm->br", vector, self._weight_matrix, matrix)
        result: Tensor = self._activation(scores + self._bias)
        return result
