"""The largest value in each dimension."""

import torch
from overrides import overrides
from torch import Tensor

from foldformer.nn.seq2vec.content_pooler import ContentPooler
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


@Seq2VecEncoder.register("max")
class MaxPooler(ContentPooler):
    """Take the largest value that the real vectors have in each dimension; zeros for an empty sequence."""

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        mask = self._content(tokens, mask)
        if mask is None:
            mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        if tokens.size(1) == 0:
            return tokens.sum(dim=1)
        lowest = torch.finfo(tokens.dtype).min
        largest = tokens.masked_fill(~mask.bool().unsqueeze(-1), lowest).amax(dim=1)
        return largest.masked_fill(~mask.bool().any(dim=1, keepdim=True), 0.0)
