"""Scores by a linear function of a combination of the two vectors."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne
from foldformer.nn.activation import Activation
from foldformer.nn.attention.linear import linear_weights
from foldformer.nn.functions.combine import combine_tensors_and_multiply, get_combined_dim
from foldformer.nn.matrix_attention.matrix_attention import MatrixAttention


@MatrixAttention.register("linear")
class LinearMatrixAttention(MatrixAttention):
    """Score by `f(w [x, y, x*y, ...] + b)`.

    Args:
        tensor_1_dim: Width of the first matrix.
        tensor_2_dim: Width of the second matrix.
        combination: What is put side by side, with x for a row of the first and y for one of the second.
        activation: The function `f`; None: none.

    Raises:
        ConfigurationError: The combination is none, or combines two widths.
    """

    def __init__(
        self,
        tensor_1_dim: AtLeastOne,
        tensor_2_dim: AtLeastOne,
        combination: str = "x,y",
        activation: Activation | None = None,
    ) -> None:
        super().__init__()
        self._combination = combination
        self._weight_vector = linear_weights(get_combined_dim(combination, [tensor_1_dim, tensor_2_dim]))
        self._bias = nn.Parameter(torch.zeros(1))
        self._activation = activation or nn.Identity()

    @overrides
    def forward(self, matrix_1: Tensor, matrix_2: Tensor) -> Tensor:
        """Compute the scores; see the base class."""
        pair = [matrix_1.unsqueeze(2), matrix_2.unsqueeze(1)]
        scores = combine_tensors_and_multiply(self._combination, pair, self._weight_vector)
        shape = (matrix_1.size(0), matrix_1.size(1), matrix_2.size(1))
        result: Tensor = self._activation(scores.expand(shape) + self._bias)
        return result
