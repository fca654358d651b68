"""Documents that run together, laid out for a transformer block by block.

    documents     a a a a a a a a a a   b b   c c c
    segments      [a a a] [a a a] [a a a] [a]   [b b]   [c c c]
    blocks        one                   two

Segments may share wordpieces, also with those of the next block. However long a document is, what is laid out at a time
is one block; only its ids and its pieces' lengths are held whole. Segments are sorted by length within a block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from foldformer.choices import OverlapMode, PoolMode
from foldformer.embedding.cutting import CutDocument
from foldformer.embedding.pooling.special import SpecialPool, SpecialPooling, content_pool, special_places
from foldformer.embedding.row_pooling import PiecePool, PieceSpans, RowTargets, aim_rows
from foldformer.embedding.shared_wordpieces import SharedWordpieces
from foldformer.embedding.span_pooling import SpanPool
from foldformer.engine.backends.backend import Chunks
from foldformer.engine.micro_batches import FlatWordpieces
from foldformer.engine.segments import Segments, SpecialTokenCounts, frame_content
from foldformer.engine.windows.cuts import Windowing, cut_windows
from foldformer.engine.windows.overlap import RowShares, content_of, window_weights
from foldformer.text.special_tokens import SpecialTokens


@dataclass(frozen=True, eq=False)
class Block:
    """Segments that are sorted and run together.

    Args:
        ids: Wordpiece ids, those of special tokens included. int64 (flat rows,)
        type_ids: Sentence A/B ids; None where all are 0. int64 (flat rows,)
        segments: Over these flat rows.
        targets: The piece of the window that each flat row counts for, or each finished wordpiece if there are shares;
            None at level "span".
        shares: Where each flat row goes among the wordpieces; None where each is one wordpiece, and pieces lie side by
            side, so that rows can be pooled as they come.
        content: The wordpieces that the segments hold, half-open.
        finished: Behind the last of them that no later block holds.
        special: Where each flat row goes among the special tokens of the documents; None where these do not count.
    """

    ids: NDArray[np.int64]
    type_ids: NDArray[np.int64] | None
    segments: Segments
    targets: RowTargets | None
    shares: RowShares | None
    content: tuple[int, int]
    finished: int
    special: NDArray[np.int64] | None

    def wordpieces(self, device: torch.device) -> FlatWordpieces:
        """Bring what is to run to a device."""
        type_ids = None if self.type_ids is None else torch.from_numpy(self.type_ids).to(device)
        return FlatWordpieces(torch.from_numpy(self.ids).to(device), type_ids)


class Window:
    """Documents that share micro-batches.

    Args:
        documents: At least one.
        special: Special tokens around every segment.
        windowing: How documents are cut into segments.
        overlap_mode: What counts of a wordpiece that several segments hold.
        mode: How a piece's wordpieces become one vector.
        special_pooling: How special tokens count for a document; None: they do not.
    """

    def __init__(
        self,
        documents: Sequence[CutDocument],
        special: SpecialTokens,
        windowing: Windowing,
        overlap_mode: OverlapMode,
        mode: PoolMode,
        special_pooling: SpecialPooling | None = None,
    ) -> None:
        self.documents = documents
        self._spans = _joined_spans(documents)
        self._pieces = PieceSpans(_joined([document.piece_lengths for document in documents]))
        self._special = special
        self._counts = SpecialTokenCounts(len(special.single_start), len(special.single_end))
        self._mode = mode
        self._special_pooling = special_pooling
        self._ids = _joined([document.ids for document in documents])
        self._lengths = np.array([len(document.ids) for document in documents])
        places = [document.cut_places for document in documents if document.cut_places is not None]
        self._segments = cut_windows(self._lengths, windowing, places)
        stitches = windowing.overlap or self._spans is not None
        self._weights = window_weights(self._segments, overlap_mode) if stitches else None

    @property
    def num_wordpieces(self) -> int:
        """Content wordpieces of all documents."""
        return len(self._ids)

    def pool(self, dim: int, device: torch.device) -> "WindowPool":
        """Return what takes the vectors of the blocks, one after the other."""
        if self._spans is None:
            assert self._mode != "endpoints", "for spans only"
            # a document alone keeps the memory that its vectors come in
            pins = device.type == "cuda" and len(self.documents) > 1
            how = self._special_pooling
            special = None if how is None else SpecialPool(how, self._lengths, dim, device)
            return WindowPool(content_pool(how, self._pieces, dim, self._mode, device, pins=pins), dim, device, special)
        assert self._mode != "sum", "for documents only"
        return WindowPool(SpanPool(self._spans, dim, self._mode), dim, device)

    def num_segments(self) -> list[int]:
        """Return the segments of each document."""
        counts: list[int] = np.bincount(self._segments.documents, minlength=len(self.documents)).tolist()
        return counts

    def blocks(self, most_wordpieces: int) -> Iterator[Block]:
        """Lay out as many segments at a time as have about this many wordpieces."""
        number = (self._segments.starts + self._segments.lengths - 1) // most_wordpieces
        for segments in np.split(np.arange(len(self._segments)), np.flatnonzero(np.diff(number)) + 1):
            if len(segments):
                yield self._lay_out(slice(int(segments[0]), int(segments[-1]) + 1))

    def _lay_out(self, chosen: slice) -> Block:
        """Lay out neighbouring segments."""
        starts, lengths = self._segments.starts[chosen], self._segments.lengths[chosen]
        content = int(starts[0]), int(starts[-1] + lengths[-1])
        wordpieces = content_of(Segments(starts, lengths, self._segments.documents[chosen]))
        framed = frame_content(lengths, None, self._counts)
        around = (*self._special.single_start, *self._special.single_end)
        ids = framed.fill(self._ids[wordpieces], [token.id for token in around])
        own_type = np.full(len(framed.content_rows), self._special.single_type_id)
        type_ids = framed.fill(own_type, [token.type_id for token in around])
        shares, finished, rows = None, content[1], framed.content_rows
        if self._weights is not None:
            shares = self._share(framed.content_rows, wordpieces - content[0], chosen, len(ids))
            if chosen.stop < len(self._segments):
                finished = int(self._segments.starts[chosen.stop])
            rows = np.arange(finished - content[0])
        targets = None
        if self._spans is None:
            assert self._mode != "endpoints", "for spans only"
            num_rows = len(ids) if shares is None else len(rows)
            targets = aim_rows(self._pieces, (content[0], finished), rows, num_rows, self._mode)
        special = None
        if self._special_pooling is not None:
            special = special_places(framed, self._segments, chosen, self._counts.start)
        typed = type_ids if type_ids.any() else None
        return Block(ids, typed, framed.segments, targets, shares, content, finished, special)

    def _share(
        self, content_rows: NDArray[np.int64], wordpieces: NDArray[np.int64], chosen: slice, num_rows: int
    ) -> RowShares:
        assert self._weights is not None
        first = int(self._segments.lengths[: chosen.start].sum())
        places, weights = np.full(num_rows, -1), np.zeros(num_rows, np.float32)
        weights[content_rows] = self._weights[first : first + len(content_rows)]
        places[content_rows] = wordpieces
        return RowShares(np.where(weights > 0, places, -1), weights)


class WindowPool:
    """Takes the vectors of a window's blocks, one after the other, and pools them.

    Args:
        pool: What they are pooled into.
        dim: Width of a wordpiece's vector.
        device: Where they come.
        special: What special tokens are pooled into; None where they do not count.
    """

    def __init__(
        self, pool: PiecePool | SpanPool, dim: int, device: torch.device, special: SpecialPool | None = None
    ) -> None:
        self._pool = pool
        self._special = special
        self._device = device
        self._shared = SharedWordpieces(dim, device)

    @property
    def vectors(self) -> Tensor:
        """Those of all pieces, once all blocks have come. float32 (pieces, dim)"""
        if self._special is None:
            return self._pool.vectors
        assert isinstance(self._pool, PiecePool), "spans have no special tokens"
        return self._special.joined(self._pool)

    def add(self, block: Block, chunks: Chunks, *, by_numpy: bool) -> None:
        """Add the vectors of a block.

        Args:
            block: The next one.
            chunks: Flat rows of it, (rows,), and their vectors, (rows, dim); each flat row once. Used up.
            by_numpy: On the CPU, wake none of PyTorch's threads where that can be helped.
        """
        if self._special is not None:
            assert block.special is not None, "of the same window"
            chunks = self._special.tapped(chunks, block.special)
        if block.shares is not None:
            start, end = block.content
            stitched = self._shared.add(chunks, block.shares, end - start, block.finished - start)
            if isinstance(self._pool, SpanPool):
                self._pool.add(start, stitched)
                return
            chunks = iter([(torch.arange(len(stitched), device=self._device), stitched)])
        assert isinstance(self._pool, PiecePool), "spans are pooled from stitched wordpieces"
        assert block.targets is not None, "pieces have targets"
        self._pool.add(chunks, block.targets, self._device, by_numpy=by_numpy)


def _joined_spans(documents: Sequence[CutDocument]) -> NDArray[np.int32] | None:
    """Return the spans of all documents over the wordpieces of all. (spans, 2)"""
    spans = [document.spans for document in documents if document.spans is not None]
    if not spans:
        return None
    lengths = [len(document.ids) for document in documents]
    firsts = np.cumsum(lengths, dtype=np.int32) - np.array(lengths, np.int32)
    return _joined([own + first for own, first in zip(spans, firsts, strict=True)])


def _joined(arrays: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Join arrays; a single one, perhaps of a very long document, is not copied."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
