"""Pieces of a corpus with what stands around them, for people to read."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

CONTEXT = 8
"""Pieces on each side of a hit that are shown with it."""


@dataclass(frozen=True)
class Hit:
    """A vector near another.

    Args:
        score: Cosine, in [-1, 1].
        id: Of the document.
        place: Which of its pieces.
        piece: The piece.
        before: The pieces before it.
        after: The pieces behind it.
    """

    score: float
    id: str
    place: int
    piece: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class PieceTable:
    """The pieces of a row group, by their place among all of them.

    Args:
        batch: With the columns `id` and `pieces`.
    """

    def __init__(self, batch: pa.RecordBatch) -> None:
        offsets = batch.column("pieces").offsets.to_numpy()
        self.offsets = offsets - offsets[0]
        """Where each document begins, and the end of the last. (documents + 1,)"""
        self._pieces = batch.column("pieces").flatten()
        self._ids = batch.column("id")

    def hit(self, index: int, score: float) -> Hit:
        """One of the pieces, with its context."""
        row = int(np.searchsorted(self.offsets, index, side="right")) - 1
        start, end = int(self.offsets[row]), int(self.offsets[row + 1])
        first, last = max(start, index - CONTEXT), min(end, index + 1 + CONTEXT)
        pieces = self._pieces[first:last].to_pylist()
        place = index - first
        before, after = tuple(pieces[:place]), tuple(pieces[place + 1 :])
        return Hit(score, self._ids[row].as_py(), index - start, pieces[place], before, after)
