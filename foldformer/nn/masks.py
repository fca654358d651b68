"""Lengths, reordering and selection by mask; shared by encoders and the CRF."""

import torch
from torch import Tensor


def sequence_lengths(mask: Tensor) -> Tensor:
    """Count the real positions of each row.

    Args:
        mask: True where real. (batch, positions)

    Returns:
        Counts, int64. (batch,)
    """
    return mask.long().sum(dim=-1)


def without_ends(mask: Tensor, start: int, end: int) -> Tensor:
    """Take the first and the last real positions of each row out of a mask.

        mask   1 1 1 1 0        start 1, end 1        0 1 1 0 0

    Args:
        mask: True where real. (batch, positions)
        start: How many real positions at the start.
        end: How many at the end.

    Returns:
        bool (batch, positions)
    """
    mask = mask.bool()
    number = mask.cumsum(dim=1)
    return mask & (number > start) & (number <= number[:, -1:] - end)


def has_holes(mask: Tensor) -> bool:
    """Whether some row has a real position after a padded one.

    Args:
        mask: True where real. (batch, positions)
    """
    return bool((mask[:, 1:] & ~mask[:, :-1]).any())


def left_align(mask: Tensor) -> Tensor:
    """Find the order that moves the real positions of each row to its front and keeps their sequence.

        mask   0 1 1 0 1        order  1 2 4 0 3

    Args:
        mask: True where real. (batch, positions)

    Returns:
        For each new place the old one, int64. (batch, positions)
    """
    return (~mask).to(torch.uint8).argsort(dim=1, stable=True)


def reorder(values: Tensor, order: Tensor) -> Tensor:
    """Take the positions of each row in another order.

    Args:
        values: Any dtype. (batch, positions, dim)
        order: For each new place the old one. (batch, positions)

    Returns:
        (batch, positions, dim)
    """
    return values.gather(1, order.unsqueeze(-1).expand_as(values))


def zero_where_padded(values: Tensor, mask: Tensor | None) -> Tensor:
    """Set padded positions to zero, whatever they held (NaN and infinity too).

    Args:
        values: (batch, positions, dim)
        mask: True where real; None: nothing is padded. (batch, positions)

    Returns:
        (batch, positions, dim)
    """
    if mask is None:
        return values
    return values.masked_fill(~mask.bool().unsqueeze(-1), 0.0)


def last_real_vector(values: Tensor, mask: Tensor) -> Tensor:
    """Take the vector at the last real position of each row; zeros where a row has none.

    Args:
        values: (batch, positions, dim)
        mask: True where real. (batch, positions)

    Returns:
        (batch, dim)
    """
    if values.size(1) == 0:
        return values.sum(dim=1)
    mask = mask.bool()
    places = torch.arange(mask.size(1), device=mask.device).expand_as(mask)
    last = places.masked_fill(~mask, 0).amax(dim=1)
    taken = values[torch.arange(values.size(0), device=values.device), last]
    return taken.masked_fill(~mask.any(dim=1, keepdim=True), 0.0)
