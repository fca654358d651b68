"""An average whose weights are learned."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, Fraction
from foldformer.nn.masks import zero_where_padded
from foldformer.nn.seq2vec.pooler import Pooler
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


@Seq2VecEncoder.register("attention")
class AttentionPooler(Pooler):
    """Average the real vectors, each weighted by how well it answers a learned query.

        weights = softmax(query . tanh(W h + b))          vector = sum(weights * h)

    An empty sequence gives zeros.

    Source: Yang et al. 2016, "Hierarchical Attention Networks for Document Classification", equations 5 to 7.
    """

    def __init__(
        self, embedding_dim: AtLeastOne, attention_dim: AtLeastOne | None = None, dropout: Fraction = 0.0
    ) -> None:
        """Build with random weights.

        Args:
            embedding_dim: Width of the vectors, in and out.
            attention_dim: Width of the query; None: as wide as the vectors.
            dropout: Dropout on the weights; fraction in [0, 1).
        """
        super().__init__(embedding_dim)
        self._hidden = nn.Linear(embedding_dim, attention_dim or embedding_dim)
        self._query = nn.Linear(attention_dim or embedding_dim, 1, bias=False)
        self._dropout = nn.Dropout(dropout)

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        tokens = zero_where_padded(tokens, mask)
        scores = self._query(torch.tanh(self._hidden(tokens)))  # (batch, positions, 1)
        if mask is not None:
            # The lowest finite number, for a softmax over nothing but minus infinity is NaN in both directions.
            scores = scores.masked_fill(~mask.bool().unsqueeze(-1), torch.finfo(scores.dtype).min)
        weights: Tensor = self._dropout(scores.softmax(dim=1))
        return (weights * tokens).sum(dim=1)
