"""Choice of vectors by index, batch by batch."""

import math

import torch
from torch import Tensor


def flatten_and_batch_shift_indices(indices: Tensor, sequence_length: int) -> Tensor:
    """Turn positions within each sequence into positions within all sequences, one after the other.

    Args:
        indices: Positions. (batch, ...)
        sequence_length: Positions in a sequence.

    Returns:
        int64 (batch * ...,)

    Raises:
        ValueError: A position is outside of its sequence.
    """
    if indices.numel() and (int(indices.max()) >= sequence_length or int(indices.min()) < 0):
        raise ValueError(
            f"indices: got {int(indices.min())} to {int(indices.max())}; expected 0 to {sequence_length - 1}"
        )
    starts = torch.arange(len(indices), device=indices.device) * sequence_length
    return (indices + starts.view(-1, *[1] * (indices.dim() - 1))).reshape(-1)


def batched_index_select(target: Tensor, indices: Tensor, flattened_indices: Tensor | None = None) -> Tensor:
    """Take vectors of each sequence.

    Args:
        target: (batch, positions, dim)
        indices: Positions. (batch, ...)
        flattened_indices: What `flatten_and_batch_shift_indices` gives for them, if it is known already.

    Returns:
        (batch, ..., dim)

    Raises:
        ValueError: A position is outside of its sequence.
    """
    if flattened_indices is None:
        flattened_indices = flatten_and_batch_shift_indices(indices, target.size(1))
    return target.reshape(-1, target.size(-1)).index_select(0, flattened_indices).view(*indices.shape, target.size(-1))


def batched_span_select(target: Tensor, spans: Tensor) -> tuple[Tensor, Tensor]:
    """Take the vectors of spans.

    Args:
        target: (batch, positions, dim)
        spans: First and last position, last included. (batch, spans, 2)

    Returns:
        Vectors (batch, spans, widest span, dim), and a mask that is True where they belong to the span. Elsewhere
        stands the first vector of the sequence. (batch, spans, widest span)
    """
    first, last = spans[..., :1], spans[..., 1:]
    widest = int((last - first).max()) + 1
    positions = first + torch.arange(widest, device=spans.device)
    is_real = (positions <= last) & (positions >= 0) & (positions < target.size(1))
    return batched_index_select(target, positions * is_real), is_real


def flattened_index_select(target: Tensor, indices: Tensor) -> Tensor:
    """Take the same positions of every sequence.

    Args:
        target: (batch, positions, dim)
        indices: Positions. (sets, size of a set)

    Returns:
        (batch, sets, size of a set, dim)

    Raises:
        ValueError: The indices have another number of dimensions.
    """
    if indices.dim() != 2:
        raise ValueError(f"indices: got shape {tuple(indices.shape)}; expected two dimensions")
    return target[:, indices]


def masked_index_fill(target: Tensor, indices: Tensor, mask: Tensor, fill_value: int = 1) -> Tensor:
    """Put a number at some positions of each row.

    Args:
        target: (batch, positions)
        indices: Positions. (batch, indices)
        mask: True where an index is real. (batch, indices)
        fill_value: The number.

    Returns:
        A new tensor. (batch, positions)

    Raises:
        ValueError: A position is outside of its row.
    """
    chosen = flatten_and_batch_shift_indices(indices * mask.bool(), target.size(1))[mask.bool().view(-1)]
    return target.reshape(-1).index_fill(0, chosen, fill_value).view_as(target)


def masked_index_replace(target: Tensor, indices: Tensor, mask: Tensor, replace: Tensor) -> Tensor:
    """Put vectors at some positions of each sequence.

    Args:
        target: (batch, positions, dim)
        indices: Positions. (batch, indices)
        mask: True where an index is real. (batch, indices)
        replace: The vectors. (batch, indices, dim)

    Returns:
        A new tensor. (batch, positions, dim)

    Raises:
        ValueError: A position is outside of its sequence.
    """
    is_real = mask.bool().view(-1)
    chosen = flatten_and_batch_shift_indices(indices * mask.bool(), target.size(1))[is_real]
    dim = target.size(-1)
    return target.reshape(-1, dim).index_copy(0, chosen, replace.reshape(-1, dim)[is_real]).view_as(target)


def bucket_values(distances: Tensor, num_identity_buckets: int = 4, num_total_buckets: int = 10) -> Tensor:
    """Sort whole numbers into buckets: small ones each into its own, larger ones by their logarithm to base 2.

        0 1 2 3 4 5-7 8-15 16-31 32-63 64+

    Args:
        distances: Whole numbers from 0, of any shape.
        num_identity_buckets: The largest number with a bucket of its own.
        num_total_buckets: How many buckets.

    Returns:
        Buckets, int64, in the shape of `distances`.
    """
    powers = (distances.float().log() / math.log(2)).floor().long() + num_identity_buckets - 1
    return torch.where(distances <= num_identity_buckets, distances, powers).clamp(0, num_total_buckets - 1)
