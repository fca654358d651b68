"""Check the tensors that an indexer hands to a transformer embedder, and say what does not fit.

Everything that must reach the host is put into one tensor first, so that a GPU is waited for once a batch.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from foldformer.engine.segments import IntArray, SpecialTokenCounts, stitched_lengths


@dataclass(frozen=True)
class IdLimits:
    """What ids a transformer understands, counted from 0.

    Args:
        num_ids: Wordpieces.
        num_type_ids: Sentence types; 1 or 0 where it tells none apart.
        num_tokenizer_types: Sentence types that its tokenizer gives, though the transformer may have no use for them.
    """

    num_ids: int
    num_type_ids: int
    num_tokenizer_types: int = 1

    @property
    def most_types(self) -> int:
        """Sentence types that may come."""
        return self.num_type_ids if self.num_type_ids > 1 else self.num_tokenizer_types


@dataclass(frozen=True)
class BatchLengths:
    """Lengths of the documents of one batch.

    Args:
        folded: Real wordpieces as they came, every segment's special tokens included. (batch,)
        stitched: Real wordpieces that are wanted back. (batch,)
        has_type_ids: Whether any type id differs from 0, and the transformer tells them apart.
    """

    folded: IntArray
    stitched: IntArray
    has_type_ids: bool


def read_lengths(
    token_ids: Tensor, mask: Tensor, type_ids: Tensor | None, segment_concat_mask: Tensor | None, limits: IdLimits
) -> BatchLengths:
    """Check values and shapes of one batch and return its lengths.

    Args:
        token_ids: Wordpiece ids, int64. (batch, folded)
        mask: True where a stitched wordpiece is real. (batch, stitched)
        type_ids: Sentence A/B ids, int64. (batch, folded)
        segment_concat_mask: True where a folded wordpiece is real; None means `mask` says so. (batch, folded)
        limits: What the transformer understands.

    Raises:
        ValueError: A shape does not fit, a mask has a hole, or a real id is out of range.
    """
    real_name, real = ("mask", mask) if segment_concat_mask is None else ("segment_concat_mask", segment_concat_mask)
    _check_shape(real_name, real, "token_ids", token_ids.shape)
    if type_ids is not None:
        _check_shape("type_ids", type_ids, "token_ids", token_ids.shape)
    if mask.dim() != 2 or mask.size(0) != token_ids.size(0):
        raise ValueError(f"mask: got shape {tuple(mask.shape)}; expected ({token_ids.size(0)}, stitched wordpieces)")
    facts = [_has_hole(real), _has_hole(mask), *_range(token_ids, real), *_range(type_ids, real)]
    values = torch.cat([torch.stack(facts), real.sum(1), mask.sum(1)]).cpu().numpy()
    hole, stitched_hole, min_id, max_id, min_type, max_type = values[:6].tolist()
    if hole or stitched_hole:
        name, broken = (real_name, real) if hole else ("mask", mask)
        raise ValueError(_describe_hole(name, broken))
    if min_id < 0 or max_id >= limits.num_ids:
        raise ValueError(_describe_id("token_ids", token_ids, real, limits.num_ids))
    if type_ids is not None and (min_type < 0 or max_type >= limits.most_types):
        raise ValueError(_describe_id("type_ids", type_ids, real, limits.most_types))
    folded, stitched = values[6:].reshape(2, -1)
    return BatchLengths(folded, stitched, has_type_ids=max_type > 0 and limits.num_type_ids > 1)


def checked_stitched(lengths: BatchLengths, max_length: int | None, special: SpecialTokenCounts) -> IntArray:
    """Return how many wordpieces each document has once stitched, having checked that the indexer agrees.

    Raises:
        ValueError: It does not.
    """
    stitched = stitched_lengths(lengths.folded, max_length, special)
    # the indexer marks the special tokens around a text without wordpieces, but makes no segment for them
    bare = (lengths.folded == 0) & (lengths.stitched <= special.total)
    disagreeing = np.flatnonzero((stitched != lengths.stitched) & ~bare)
    if len(disagreeing):
        document = disagreeing[0]
        raise ValueError(
            f"mask: document {document} of the batch has {lengths.stitched[document]} real wordpieces; "
            f"expected {stitched[document]} from this embedder, whose max_length is {max_length}; "
            "give indexer and embedder the same max_length"
        )
    return stitched


def _check_shape(name: str, tensor: Tensor, other: str, shape: torch.Size) -> None:
    if tensor.shape != shape:
        raise ValueError(
            f"{name}: got shape {tuple(tensor.shape)}; expected that of {other}, {tuple(shape)}. "
            "Give indexer and embedder the same max_length."
        )


def _has_hole(mask: Tensor) -> Tensor:
    return (mask[:, 1:] > mask[:, :-1]).any().long()


def _range(values: Tensor | None, real: Tensor) -> tuple[Tensor, Tensor]:
    """Return the smallest and the largest real value, 0 where there is none."""
    if values is None or values.numel() == 0:
        zero = torch.zeros((), dtype=torch.int64, device=real.device)
        return zero, zero
    chosen = values * real
    return chosen.min(), chosen.max()


def _describe_hole(name: str, mask: Tensor) -> str:
    document, position = (mask[:, 1:] > mask[:, :-1]).nonzero()[0].tolist()
    return (
        f"{name}: document {document} of the batch is False at {position} and True again at {position + 1}; "
        "expected real wordpieces first and padding after them"
    )


def _describe_id(name: str, values: Tensor, real: Tensor, limit: int) -> str:
    document, position = (real & ((values < 0) | (values >= max(limit, 1)))).nonzero()[0].tolist()
    got = int(values[document, position])
    expected = f"0 to {limit - 1}" if limit > 1 else "0, the only one this transformer has"
    return (
        f"{name}: got {got} at position {position} of document {document}; expected {expected}. "
        "Give indexer and embedder the same model_name and tokenizer_kwargs."
    )
