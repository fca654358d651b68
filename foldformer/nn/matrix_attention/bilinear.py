"""Scores by a matrix of weights."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne
from foldformer.nn.activation import Activation
from foldformer.nn.matrix_attention.matrix_attention import MatrixAttention


@MatrixAttention.register("bilinear")
class BilinearMatrixAttention(MatrixAttention):
    """Score by `f(x W y + b)`; for several labels, by a matrix each.

    Args:
        matrix_1_dim: Width of the first matrix.
        matrix_2_dim: Width of the second matrix.
        activation: The function `f`; None: none.
        use_input_biases: Append a 1 to each row, so that rows have scores of their own.
        label_dim: How many labels; with more than one the scores are (batch, labels, rows, other rows).
    """

    def __init__(
        self,
        matrix_1_dim: AtLeastOne,
        matrix_2_dim: AtLeastOne,
        activation: Activation | None = None,
        use_input_biases: bool = False,
        label_dim: AtLeastOne = 1,
    ) -> None:
        super().__init__()
        shape = [matrix_1_dim + use_input_biases, matrix_2_dim + use_input_biases]
        weights = torch.empty(*([label_dim] if label_dim > 1 else []), *shape)
        self._weight_matrix = nn.Parameter(nn.init.xavier_uniform_(weights))
        self._bias = nn.Parameter(torch.zeros(1))
        self._activation = activation or nn.Identity()
        self._use_input_biases = use_input_biases

    @overrides
    def forward(self, matrix_1: Tensor, matrix_2: Tensor) -> Tensor:
        """Compute the scores; see the base class."""
        if self._use_input_biases:
            matrix_1, matrix_2 = (nn.functional.pad(each, (0, 1), value=1.0) for each in (matrix_1, matrix_2))
        weights = self._weight_matrix
        if weights.dim() == 3:
            matrix_1, matrix_2 = matrix_1.unsqueeze(1), matrix_2.unsqueeze(1)
        scores = matrix_1 @ weights @ matrix_2.transpose(-1, -2)
        result: Tensor = self._activation(scores + self._bias)
        return result
