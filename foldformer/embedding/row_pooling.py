"""Pool the vectors of flat rows, as they come out of a transformer, into those of pieces.

Nothing is held but the output and one micro-batch: a row is added to its piece the moment it is there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from foldformer.choices import RowMode

MOST_ROUNDS = 32
"""Rows of one piece, of those that come together, that NumPy adds one after the other."""


class PieceSpans:
    """Which content wordpieces make up each piece.

    Args:
        lengths: Content wordpieces of each piece, one piece after the other; 0 for a piece without any. (pieces,)
    """

    def __init__(self, lengths: NDArray[np.int32]) -> None:
        self.lengths = lengths
        self.ends = np.cumsum(lengths, dtype=np.int32)

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self.lengths)

    def touching(self, start: int, end: int) -> slice:
        """Return the pieces with wordpieces in a range of content; the first and last may have others outside."""
        first, last = np.searchsorted(self.ends, start, side="right"), np.searchsorted(self.ends, end)
        return slice(int(first), int(last) + 1)


@dataclass(frozen=True, eq=False)
class RowTargets:
    """Where every flat row goes.

    Args:
        within: The pieces that rows may count for.
        pieces: Which of them each flat row counts for; any of them for a row that counts for none. int64 (flat rows,)
        weights: What each flat row is multiplied by; 0 for a row that counts for none. (flat rows,)
        takes_largest: Keep each dimension's largest value instead of the sum.
        are_alone: Every piece has one row that counts, with the weight 1.
    """

    within: slice
    pieces: NDArray[np.int64]
    weights: NDArray[np.float32]
    takes_largest: bool
    are_alone: bool


def aim_rows(
    spans: PieceSpans, content: tuple[int, int], content_rows: NDArray[np.int64], num_rows: int, mode: RowMode
) -> RowTargets:
    """Say which piece each flat row counts for.

    Args:
        spans: All pieces.
        content: The content wordpieces that have flat rows, half-open.
        content_rows: Flat row of each of them, ascending.
        num_rows: Flat rows, those of special tokens included.
        mode: How a piece's wordpieces become one vector.
    """
    start, end = content
    within = spans.touching(start, end)
    ends, lengths = spans.ends[within], spans.lengths[within]
    pieces, weights = np.zeros(num_rows, dtype=np.int64), np.zeros(num_rows, dtype=np.float32)
    if mode in ("first", "last"):
        chosen = ends - (lengths if mode == "first" else 1)
        present = np.flatnonzero((lengths > 0) & (chosen >= start) & (chosen < end))
        rows = content_rows[chosen[present] - start]
        pieces[rows], weights[rows] = present, 1.0
    else:
        inside = np.minimum(ends, end) - np.maximum(ends - lengths, start)
        shares = np.float32(1.0) / np.maximum(lengths, 1).astype(np.float32)
        pieces[content_rows] = np.repeat(np.arange(len(lengths)), inside)
        weights[content_rows] = np.repeat(shares, inside) if mode == "avg" else 1.0
    alone = mode in ("first", "last") or int(lengths.max(initial=0)) <= 1
    return RowTargets(within, pieces, weights, takes_largest=mode == "max", are_alone=alone)


class PiecePool:
    """The vectors of all pieces, on the host, filled as rows come; a piece that no row counts for keeps zeros.

    Args:
        spans: The pieces.
        dim: Width of the vectors.
        mode: How a piece's wordpieces become one vector.
        pins: Hold them in memory that a GPU copies to several times as fast.

    Attributes:
        vectors: float32 (pieces, dim)
    """

    def __init__(self, spans: PieceSpans, dim: int, mode: RowMode, *, pins: bool = False) -> None:
        shape = len(spans), dim
        # NumPy's zeros come from the system when they are first touched, PyTorch's are written
        self.vectors = torch.zeros(shape, pin_memory=True) if pins else torch.from_numpy(np.zeros(shape, np.float32))
        self._empty = -torch.inf if mode == "max" else 0.0
        self._are_real = torch.from_numpy(spans.lengths) > 0
        if mode == "max":
            self.vectors[self._are_real] = self._empty

    def add(
        self,
        chunks: Iterable[tuple[Tensor, Tensor]],
        targets: RowTargets,
        device: torch.device,
        *,
        by_numpy: bool = False,
    ) -> None:
        """Add rows to their pieces.

        Args:
            chunks: Flat rows, (rows,), and their vectors, (rows, dim), on the device; each flat row once. Used up.
            targets: Where every flat row goes.
            device: Where rows are pooled.
            by_numpy: On the CPU, wake none of PyTorch's threads where that can be helped; the sums are the same.
        """
        kept = self.vectors[targets.within]
        output = kept
        if device.type != "cpu":
            output = torch.zeros(kept.shape, device=device)
            output.masked_fill_(self._are_real[targets.within].to(device).unsqueeze(1), self._empty)
            output[:1] = kept[:1]  # what earlier rows gave it
        for rows, vectors in chunks:
            if not (by_numpy and not targets.takes_largest and _add_by_numpy(rows, vectors, targets, output)):
                _pool_rows(rows, vectors, targets, output)
        if output is not kept:
            kept.copy_(output)


def _pool_rows(rows: Tensor, vectors: Tensor, targets: RowTargets, output: Tensor) -> None:
    where = torch.from_numpy(targets.pieces).to(output.device)[rows]
    share = torch.from_numpy(targets.weights).to(output.device)[rows].unsqueeze(1)
    values = vectors.float()
    # rows that count for nothing are not taken out: that would wait for the device and fragment memory
    if targets.takes_largest:
        values = values.masked_fill_(share == 0, -torch.inf)
        output.scatter_reduce_(0, where.unsqueeze(1).expand_as(values), values, "amax")
    else:
        # filled besides, as 0 times what overflowed in a special token is no number
        output.index_add_(0, where, values.mul_(share).masked_fill_(share == 0, 0.0))


def _add_by_numpy(rows: Tensor, vectors: Tensor, targets: RowTargets, output: Tensor) -> bool:
    """Add rows to their pieces in the same order as PyTorch does; False, and nothing, where a piece has too many."""
    flat = rows.numpy()
    counted = targets.weights[flat] != 0
    where, share = targets.pieces[flat][counted], targets.weights[flat][counted]
    sums = output.numpy()
    if targets.are_alone:
        sums[where] = vectors.float().numpy()[counted]
        return True
    order = np.argsort(where, kind="stable")
    firsts = np.flatnonzero(np.diff(where[order], prepend=-1))
    sizes = np.diff(firsts, append=len(order))
    if sizes.max(initial=0) > MOST_ROUNDS:
        return False
    rank = np.arange(len(order)) - np.repeat(firsts, sizes)
    values = vectors.float().numpy()[counted] * share[:, None]
    for number in range(sizes.max(initial=0)):
        chosen = order[rank == number]  # one row a piece
        sums[where[chosen]] += values[chosen]
    return True
