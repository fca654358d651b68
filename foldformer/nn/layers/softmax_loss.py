"""The loss of predicting words."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


class SoftmaxLoss(nn.Module):
    """Score every word by one linear layer, and give the cross entropy of the true ones.

    Args:
        num_words: How many words there are.
        embedding_dim: Width of the vectors.
    """

    def __init__(self, num_words: int, embedding_dim: int) -> None:
        super().__init__()
        self.tie_embeddings = False
        self.softmax_w = nn.Parameter(torch.randn(embedding_dim, num_words) / math.sqrt(embedding_dim))
        self.softmax_b = nn.Parameter(torch.zeros(num_words))

    def forward(self, embeddings: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            embeddings: (positions, embedding_dim)
            targets: Numbers of the true words. (positions,)

        Returns:
            Sum over the positions, a scalar.
        """
        return cross_entropy(embeddings @ self.softmax_w + self.softmax_b, targets.long(), reduction="sum")
