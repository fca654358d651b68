"""The last vector."""

import torch
from overrides import overrides
from torch import Tensor

from foldformer.nn.masks import last_real_vector
from foldformer.nn.seq2vec.pooler import Pooler
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


@Seq2VecEncoder.register("last")
class LastPooler(Pooler):
    """Take the vector at the last real position, as decoder models want it; zeros for an empty sequence."""

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        return last_real_vector(tokens, mask)
