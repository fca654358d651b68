"""Documents that run together, laid out for a transformer block by block.

    documents     a a a a a a a a a a   b b   c c c
    segments      [a a a] [a a a] [a a a] [a]   [b b]   [c c c]
    blocks        one                   two

However long a document is, what is laid out at a time is one block; only its ids and its pieces' lengths are held
whole. Segments are sorted by length within a block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foldformer.choices import PieceMode
from foldformer.embedding.cutting import CutDocument
from foldformer.embedding.row_pooling import PieceSpans, RowTargets, aim_rows
from foldformer.engine.segments import Segments, SpecialTokenCounts, cut_segments, frame_content
from foldformer.text.special_tokens import SpecialTokens


@dataclass(frozen=True, eq=False)
class Block:
    """Segments that are sorted and run together.

    Args:
        ids: Wordpiece ids, those of special tokens included. int64 (flat rows,)
        type_ids: Sentence A/B ids; None where all are 0. int64 (flat rows,)
        segments: Over these flat rows.
        targets: The piece of the window that each flat row counts for.
    """

    ids: NDArray[np.int64]
    type_ids: NDArray[np.int64] | None
    segments: Segments
    targets: RowTargets


class Window:
    """Documents that share micro-batches.

    Args:
        documents: At least one.
        special: Special tokens around every segment.
        max_length: Longest segment, special tokens included.
        mode: How a piece's wordpieces become one vector.
    """

    def __init__(
        self, documents: Sequence[CutDocument], special: SpecialTokens, max_length: int, mode: PieceMode
    ) -> None:
        self.documents = documents
        self.spans = PieceSpans(_joined([document.piece_lengths for document in documents]))
        self._special = special
        self._counts = SpecialTokenCounts(len(special.single_start), len(special.single_end))
        self._mode = mode
        self._ids = _joined([document.ids for document in documents])
        lengths = np.array([len(document.ids) for document in documents])
        self._segments = cut_segments(lengths, max_length - self._counts.total)

    @property
    def num_wordpieces(self) -> int:
        """Content wordpieces of all documents."""
        return len(self._ids)

    def num_segments(self) -> list[int]:
        """Return the segments of each document."""
        counts: list[int] = np.bincount(self._segments.documents, minlength=len(self.documents)).tolist()
        return counts

    def blocks(self, most_wordpieces: int) -> Iterator[Block]:
        """Lay out as many segments at a time as have about this many wordpieces."""
        number = (self._segments.starts + self._segments.lengths - 1) // most_wordpieces
        for segments in np.split(np.arange(len(self._segments)), np.flatnonzero(np.diff(number)) + 1):
            if len(segments):
                yield self._lay_out(segments)

    def _lay_out(self, chosen: NDArray[np.int64]) -> Block:
        """Lay out neighbouring segments."""
        starts, lengths = self._segments.starts[chosen], self._segments.lengths[chosen]
        content = int(starts[0]), int(starts[-1] + lengths[-1])
        framed = frame_content(lengths, None, self._counts)
        around = (*self._special.single_start, *self._special.single_end)
        ids = framed.fill(self._ids[slice(*content)], [token.id for token in around])
        own_type = np.full(len(framed.content_rows), self._special.single_type_id)
        type_ids = framed.fill(own_type, [token.type_id for token in around])
        targets = aim_rows(self.spans, content, framed.content_rows, len(ids), self._mode)
        return Block(ids, type_ids if type_ids.any() else None, framed.segments, targets)


def _joined(arrays: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Join arrays; a single one, perhaps of a very long document, is not copied."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
