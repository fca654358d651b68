"""The arithmetic of fold and stitch: from lengths to segments, micro-batches and one gather index.

    document      a b c d e f g                     max_length 5 = 3 wordpieces + 2 special tokens
    folded        [CLS] a b c [SEP]  [CLS] d e f [SEP]  [CLS] g [SEP]
    flat rows       0   1 2 3   4      5   6 7 8   9     10  11  12
    stitched        0   1 2 3              6 7 8             11  12

The real wordpieces of a batch, one document after the other, are its *flat rows*. A segment is a half-open range of
flat rows, so every document may have its own number of segments and nothing here knows of padding. All functions are
pure and work on NumPy arrays on the host; the plan of a million wordpieces takes milliseconds.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
UNLIMITED_MAX_LENGTH = 512
"""Segments of transformers without a table of positions: they would run a book whole, at quadratic cost."""
BatchRule = Callable[[int], int]
"""Takes the length of a micro-batch's longest segment, gives that of the shortest one that may share it."""


@dataclass(frozen=True)
class SpecialTokenCounts:
    """How many special tokens a tokenizer puts around one sequence.

    BERT has one at each end, T5 only one at the end, GPT-2 none, XLNet two at the end.
    """

    start: int
    end: int

    @property
    def total(self) -> int:
        """Special tokens in one segment."""
        return self.start + self.end


@dataclass(frozen=True)
class Segments:
    """Windows of at most `max_length` wordpieces over the flat rows of a batch.

    Args:
        starts: First flat row of each segment. (segments,)
        lengths: Wordpieces of each segment, special tokens included, at least 1. (segments,)
        documents: Position in the batch of the document that each segment is cut from, ascending. (segments,)
    """

    starts: IntArray
    lengths: IntArray
    documents: IntArray

    @property
    def num_rows(self) -> int:
        """Flat rows over all segments."""
        return int(self.lengths.sum())

    def __len__(self) -> int:
        """Return the number of segments."""
        return len(self.starts)


def cut_segments(lengths: IntArray, max_length: int | None) -> Segments:
    """Cut every document of a folded batch into its segments; an empty document has none.

    Args:
        lengths: Real wordpieces of each document, every segment's special tokens included. (batch,)
        max_length: Longest segment, special tokens included; None makes each document one segment.
    """
    counts = np.minimum(lengths, 1) if max_length is None else -(-lengths // max_length)
    documents = np.repeat(np.arange(len(lengths)), counts)
    if max_length is None:
        return Segments(_starts(lengths)[documents], lengths[documents], documents)
    within = np.arange(len(documents)) - np.repeat(_starts(counts), counts)
    offsets = within * max_length
    return Segments(
        _starts(lengths)[documents] + offsets, np.minimum(lengths[documents] - offsets, max_length), documents
    )


@dataclass(frozen=True)
class FramedContent:
    """Content wordpieces cut into segments, with room for special tokens around each.

    Args:
        segments: The segments over the flat rows.
        content_rows: Flat row of each content wordpiece, in order. (content wordpieces,)
        special_rows: Flat row of each special token: a row a segment, start tokens first. (segments, special tokens)
    """

    segments: Segments
    content_rows: IntArray
    special_rows: IntArray

    def fill(self, content: NDArray[np.integer[Any]], special: Sequence[int]) -> IntArray:
        """Lay out values of the content, and those that every segment's special tokens share. (flat rows,)"""
        values = np.empty(len(self.content_rows) + self.special_rows.size, dtype=np.int64)
        values[self.content_rows] = content
        values[self.special_rows] = special
        return values


def frame_content(lengths: IntArray, max_length: int | None, special: SpecialTokenCounts) -> FramedContent:
    """Cut documents that hold content only, and leave room for special tokens around each segment.

        content       a b c d e f g
        flat rows     _ a b c _  _ d e f _  _ g _                   max_length 5

    A document without content has no segment.

    Args:
        lengths: Content wordpieces of each document, without special tokens. (batch,)
        max_length: Longest segment, special tokens included; None makes each document one segment.
        special: Special tokens around every segment.
    """
    cut = cut_segments(lengths, None if max_length is None else max_length - special.total)
    framed = cut.lengths + special.total
    starts = _starts(framed)
    first_content = starts + special.start
    content_rows = np.arange(cut.num_rows) + np.repeat(first_content - cut.starts, cut.lengths)
    before = starts[:, None] + np.arange(special.start)
    after = (first_content + cut.lengths)[:, None] + np.arange(special.end)
    return FramedContent(Segments(starts, framed, cut.documents), content_rows, np.hstack([before, after]))


def stitched_lengths(lengths: IntArray, max_length: int | None, special: SpecialTokenCounts) -> IntArray:
    """Return how many wordpieces each document has once its segments are stitched. (batch,)

    Args:
        lengths: Real wordpieces of each document, every segment's special tokens included. (batch,)
        max_length: Longest segment, special tokens included.
        special: Special tokens around every segment.
    """
    if max_length is None:
        return lengths
    num_segments = -(-lengths // max_length)
    stitched: IntArray = lengths - np.maximum(num_segments - 1, 0) * special.total
    return stitched


def stitch_index(segments: Segments, lengths: IntArray, special: SpecialTokenCounts) -> IntArray:
    """Return the flat row of every stitched wordpiece, document after document. (stitched wordpieces of the batch,)

    The special tokens at a document's start come from its first segment, those at its end from its last.

    Args:
        segments: What `cut_segments` made of `lengths`.
        lengths: Real wordpieces of each document, every segment's special tokens included. (batch,)
        special: Special tokens around every segment.
    """
    kept = np.ones(int(lengths.sum()), dtype=bool)
    follows = np.zeros(len(segments), dtype=bool)
    follows[1:] = segments.documents[1:] == segments.documents[:-1]
    # each seam drops the end tokens of one segment and the start tokens of the next
    seams = segments.starts[follows]
    for shift in range(-special.end, special.start):
        kept[seams + shift] = False
    return np.flatnonzero(kept)


def padded_index(flat_index: IntArray, lengths: IntArray, width: int, padding: int) -> IntArray:
    """Lay a flat index out as one padded row a document. (batch, width)

    Args:
        flat_index: Entries of all documents, one after the other. (sum of `lengths`,)
        lengths: Entries of each document. (batch,)
        width: At least the longest of `lengths`.
        padding: Stands in the places after a document's last entry.
    """
    index = np.full((len(lengths), width), padding, dtype=np.int64)
    index[np.arange(width) < lengths[:, None]] = flat_index
    return index


def micro_batches(
    lengths: IntArray, max_batch_tokens: int, max_padding: int, rule: BatchRule | None = None
) -> Iterator[IntArray]:
    """Yield the segments of each micro-batch, longest segments first.

    Sorting keeps rows of like length together, so little is padded; the longest come first, so that memory that does
    not suffice shows at once.

    Args:
        lengths: Wordpieces of each segment. (segments,)
        max_batch_tokens: Most wordpieces in one micro-batch, padding included; a longer segment runs alone.
        max_padding: Most padding in one micro-batch, in wordpieces: what it costs to begin another one.
        rule: Tells the shortest segment that may share a micro-batch with its longest; None: any may.

    Yields:
        Positions in `lengths`, by falling length. (rows,)
    """
    order = np.argsort(-lengths, kind="stable")
    ordered = lengths[order]
    start = 0
    while start < len(order):
        width = int(ordered[start])
        most_rows = max(1, max_batch_tokens // width)
        padding = np.cumsum(width - ordered[start : start + most_rows])
        rows = int(np.searchsorted(padding, max_padding, side="right"))
        if rule is not None:
            rows = int(np.count_nonzero(ordered[start : start + rows] >= rule(width)))
        yield order[start : start + rows]
        start += rows


def packed_micro_batches(lengths: IntArray, max_batch_tokens: int, rule: BatchRule | None = None) -> Iterator[IntArray]:
    """Yield the segments of each micro-batch that needs no padding, longest segments first.

    Sorting puts segments of one length side by side: on the CPU they go through attention as one batch.

    Args:
        lengths: Wordpieces of each segment. (segments,)
        max_batch_tokens: Most wordpieces in one micro-batch; a longer segment runs alone.
        rule: Tells the shortest segment that may share a micro-batch with its longest; None: any may.

    Yields:
        Positions in `lengths`, by falling length. (segments of the micro-batch,)
    """
    order = np.argsort(-lengths, kind="stable")
    ends = np.cumsum(lengths[order])
    start = 0
    while start < len(order):
        before = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + max_batch_tokens, side="right")))
        if rule is not None:
            chosen = lengths[order[start:end]]
            end = start + int(np.count_nonzero(chosen >= rule(int(chosen[0]))))
        yield order[start:end]
        start = end


def _starts(counts: IntArray) -> IntArray:
    starts: IntArray = np.cumsum(counts) - counts
    return starts
