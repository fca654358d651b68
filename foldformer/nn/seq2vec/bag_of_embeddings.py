"""AllenNLP's bag of embeddings."""

from overrides import overrides
from torch import Tensor

from foldformer.config import AtLeastOne
from foldformer.nn.masks import sequence_lengths, zero_where_padded
from foldformer.nn.seq2vec.pooler import Pooler
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


@Seq2VecEncoder.register("boe")
@Seq2VecEncoder.register("bag_of_embeddings")
class BagOfEmbeddingsEncoder(Pooler):
    """Add or average the real vectors; zeros for an empty sequence."""

    def __init__(self, embedding_dim: AtLeastOne, averaged: bool = False) -> None:
        """Build.

        Args:
            embedding_dim: Width of the vectors, in and out.
            averaged: Divide the sum by the number of real vectors.
        """
        super().__init__(embedding_dim)
        self._averaged = averaged

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        summed = zero_where_padded(tokens, mask).sum(dim=1)
        if not self._averaged:
            return summed
        if mask is None:
            return summed / max(tokens.size(1), 1)
        return summed / sequence_lengths(mask).clamp(min=1).unsqueeze(-1)
