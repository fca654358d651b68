"""Attention by a linear function of a combination of the two vectors."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne
from foldformer.nn.activation import Activation
from foldformer.nn.attention.attention import Attention
from foldformer.nn.functions.combine import combine_tensors_and_multiply, get_combined_dim


@Attention.register("linear")
class LinearAttention(Attention):
    """Score by `f(w [x, y, x*y, ...] + b)`.

    Args:
        tensor_1_dim: Width of the vector.
        tensor_2_dim: Width of the matrix.
        combination: What is put side by side, with x for the vector and y for a row; see `combine_tensors`.
        activation: The function `f`; None: none.
        normalize: Make weights of the scores.

    Raises:
        ConfigurationError: The combination is none, or combines two widths.
    """

    def __init__(
        self,
        tensor_1_dim: AtLeastOne,
        tensor_2_dim: AtLeastOne,
        combination: str = "x,y",
        activation: Activation | None = None,
        normalize: bool = True,
    ) -> None:
        super().__init__(normalize)
        self._combination = combination
        self._weight_vector = linear_weights(get_combined_dim(combination, [tensor_1_dim, tensor_2_dim]))
        self._bias = nn.Parameter(torch.zeros(1))
        self._activation = activation or nn.Identity()

    @overrides
    def _forward_internal(self, vector: Tensor, matrix: Tensor) -> Tensor:
        scores = combine_tensors_and_multiply(self._combination, [vector.unsqueeze(1), matrix], self._weight_vector)
        result: Tensor = self._activation(scores.expand(matrix.shape[:2]) + self._bias)
        return result


def linear_weights(dim: int) -> nn.Parameter:
    """Draw the weights of a linear function with one output, as Xavier's uniform does."""
    bound = float((6 / (dim + 1)) ** 0.5)
    return nn.Parameter(torch.empty(dim).uniform_(-bound, bound))
