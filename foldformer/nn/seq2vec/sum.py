"""The sum of the vectors."""

from overrides import overrides
from torch import Tensor

from foldformer.nn.masks import zero_where_padded
from foldformer.nn.seq2vec.content_pooler import ContentPooler
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


@Seq2VecEncoder.register("sum")
class SumPooler(ContentPooler):
    """Add the real vectors; zeros for an empty sequence."""

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        mask = self._content(tokens, mask)
        return zero_where_padded(tokens, mask).sum(dim=1)
