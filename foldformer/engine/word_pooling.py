"""Pool the vectors of a word's wordpieces into one vector."""

from typing import get_args

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from foldformer.choices import PieceMode

SubTokenMode = PieceMode
SUB_TOKEN_MODES: tuple[str, ...] = get_args(SubTokenMode)


def pool_words(hidden: Tensor, spans: Tensor, mode: SubTokenMode) -> Tensor:
    """Pool wordpieces into words without ever laying the words out at the length of the longest.

    A word without wordpieces gets zeros, so one odd character cannot put NaN into the loss.

    Args:
        hidden: Wordpiece vectors. (batch, wordpieces, dim)
        spans: Half-open wordpiece span of each word, int64; start == end means none. (batch, words, 2)
        mode: Average, first, last, or elementwise largest of a word's wordpieces.

    Returns:
        Word vectors, dtype of `hidden`. (batch, words, dim)
    """
    batch, width, dim = hidden.shape
    if spans.size(1) == 0 or width == 0:
        return hidden.new_zeros(batch, spans.size(1), dim)
    row_of_document = torch.arange(batch, device=spans.device).unsqueeze(1) * width
    starts = (spans[..., 0] + row_of_document).flatten()  # (batch * words,)
    lengths = (spans[..., 1] - spans[..., 0]).flatten()
    if mode == "last":
        starts = starts + (lengths - 1).clamp(min=0)
    if mode in ("first", "last"):
        lengths = lengths.clamp(max=1)
    bags = lengths.cumsum(0) - lengths
    members = torch.repeat_interleave(starts - bags, lengths)
    members += torch.arange(len(members), device=members.device)
    # a bag is a word: the kernel reduces each straight from the rows
    words = embedding_bag(members, hidden.reshape(-1, dim), bags, mode="max" if mode == "max" else "mean")
    return words.view(batch, -1, dim)
