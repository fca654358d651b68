"""The average vector."""

from overrides import overrides
from torch import Tensor

from foldformer.nn.masks import sequence_lengths, zero_where_padded
from foldformer.nn.seq2vec.content_pooler import ContentPooler
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


@Seq2VecEncoder.register("mean")
class MeanPooler(ContentPooler):
    """Average the real vectors; zeros for an empty sequence."""

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        mask = self._content(tokens, mask)
        if mask is None:
            return tokens.mean(dim=1) if tokens.size(1) else tokens.sum(dim=1)
        return zero_where_padded(tokens, mask).sum(dim=1) / sequence_lengths(mask).clamp(min=1).unsqueeze(-1)
