"""The shared half of the encoders that can leave special tokens out."""

import torch
from torch import Tensor

from foldformer.config import AtLeastOne, NotNegative
from foldformer.nn.masks import without_ends
from foldformer.nn.seq2vec.pooler import Pooler


class ContentPooler(Pooler):
    """Know how many special tokens stand around a text."""

    def __init__(self, embedding_dim: AtLeastOne, num_special_tokens: tuple[NotNegative, NotNegative] = (0, 0)) -> None:
        """Build.

        Args:
            embedding_dim: Width of the vectors, in and out.
            num_special_tokens: How many vectors to leave out at the start and at the end of every text, as those of
                special tokens: (1, 1) for BERT, (0, 1) for T5, (0, 2) for XLNet. A text of nothing else gives zeros.
        """
        super().__init__(embedding_dim)
        self._num_special_tokens = num_special_tokens

    def _content(self, tokens: Tensor, mask: Tensor | None) -> Tensor | None:
        """Return the mask without special tokens; as it came where none are left out. (batch, positions)"""
        start, end = self._num_special_tokens
        if start == end == 0 or tokens.size(1) == 0:
            return mask
        if mask is None:
            mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        return without_ends(mask, start, end)
