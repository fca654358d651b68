"""Pool the vectors of flat rows, as they come out of a transformer, into those of pieces.

Nothing is held but the output and one micro-batch: a row is added to its piece the moment it is there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

PieceMode = Literal["avg", "first", "last", "max"]


@dataclass(frozen=True, eq=False)
class RowTargets:
    """Where every flat row goes.

    Args:
        pieces: The piece that each flat row counts for; -1 for none. int64 (flat rows,)
        weights: What a row is multiplied by before it is added; None where each piece has one row. (flat rows,)
        num_pieces: How many pieces there are.
        takes_largest: Keep each dimension's largest value instead of the sum.
    """

    pieces: NDArray[np.int64]
    weights: NDArray[np.float32] | None
    num_pieces: int
    takes_largest: bool = False


def aim_rows(
    piece_lengths: NDArray[np.int32], content_rows: NDArray[np.int64], num_rows: int, mode: PieceMode
) -> RowTargets:
    """Say which piece each flat row counts for.

    Args:
        piece_lengths: Content wordpieces of each piece. (pieces,)
        content_rows: Flat row of each content wordpiece. (content wordpieces,)
        num_rows: Flat rows, those of special tokens included.
        mode: How a piece's wordpieces become one vector.
    """
    pieces = np.full(num_rows, -1, dtype=np.int64)
    ends = np.cumsum(piece_lengths)
    present = np.flatnonzero(piece_lengths)
    if mode in ("first", "last"):
        chosen = ends[present] - (piece_lengths[present] if mode == "first" else 1)
        pieces[content_rows[chosen]] = present
        return RowTargets(pieces, None, len(piece_lengths))
    pieces[content_rows] = np.repeat(np.arange(len(piece_lengths)), piece_lengths)
    if mode == "max" or (piece_lengths <= 1).all():
        return RowTargets(pieces, None, len(piece_lengths), takes_largest=mode == "max")
    weights = np.zeros(num_rows, dtype=np.float32)
    weights[content_rows] = np.repeat(1.0 / np.maximum(piece_lengths, 1), piece_lengths)
    return RowTargets(pieces, weights, len(piece_lengths))


def pool_rows(chunks: Iterable[tuple[Tensor, Tensor]], targets: RowTargets, dim: int, device: torch.device) -> Tensor:
    """Pool rows into pieces; a piece that no row counts for gets zeros.

    Args:
        chunks: Flat rows, (rows,), and their vectors, (rows, dim); each flat row once.
        targets: Where every flat row goes.
        dim: Width of the vectors.
        device: Where they are.

    Returns:
        float32 (pieces, dim)
    """
    pieces = torch.from_numpy(targets.pieces).to(device)
    weights = None if targets.weights is None else torch.from_numpy(targets.weights).to(device)
    output = torch.zeros(targets.num_pieces, dim, device=device)
    if targets.takes_largest:
        output.fill_(-torch.inf)
    for rows, vectors in chunks:
        where = pieces[rows]
        kept = where >= 0
        where, vectors = where[kept], vectors[kept].float()
        if targets.takes_largest:
            output.scatter_reduce_(0, where.unsqueeze(1).expand_as(vectors), vectors, "amax")
        elif weights is None:
            output[where] = vectors
        else:
            output.index_add_(0, where, vectors * weights[rows[kept]].unsqueeze(1))
    return output.masked_fill_(output.isinf(), 0.0) if targets.takes_largest else output
