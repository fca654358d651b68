"""Layer normalization under the parameter names that AllenNLP gave it."""

import torch
from torch import Tensor, nn

from foldformer.nn.functions.limits import tiny_value_of_dtype


class LayerNorm(nn.Module):
    """Give each vector mean 0 and deviation 1, then scale by `gamma` and move by `beta`.

    Source: Ba et al. (2016), Layer normalization, https://arxiv.org/abs/1607.06450. Unlike `torch.nn.LayerNorm`, it
    adds its small number to the deviation rather than to the variance.

    Args:
        dimension: Width of the vectors.
    """

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dimension))
        self.beta = nn.Parameter(torch.zeros(dimension))

    def forward(self, tensor: Tensor) -> Tensor:
        """Normalize vectors.

        Args:
            tensor: (..., dimension)

        Returns:
            (..., dimension)
        """
        deviation = tensor.std(-1, unbiased=False, keepdim=True) + tiny_value_of_dtype(tensor.dtype)
        return self.gamma * (tensor - tensor.mean(-1, keepdim=True)) / deviation + self.beta
