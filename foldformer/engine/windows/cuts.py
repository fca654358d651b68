"""Where windows over the content of documents begin and end; pure arithmetic over lengths and places.

Content is what a document has without special tokens; windows of at most 5, two wordpieces shared:

    content       a b c d e f g h
    wordpiece     [a b c d e] [d e f g h]
    even          as many windows, all of one length or one wordpiece shorter
    word          ends and begins at words only
    sentence      ends where a sentence ends, if that leaves the window at least half full; else at a word
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from foldformer.choices import Cut
from foldformer.config import ConfigurationError
from foldformer.engine.segments import IntArray, Segments
from foldformer.text.splitters import CutPlaces


@dataclass(frozen=True)
class Windowing:
    """How content is cut.

    Args:
        size: Most content wordpieces in a window, special tokens not included.
        overlap: Wordpieces that a window shares with the one before it; at most as many where it begins at a word.
        cut: Where windows may end.
    """

    size: int
    overlap: int = 0
    cut: Cut = "wordpiece"

    @property
    def is_plain(self) -> bool:
        """Whether windows are full but for the last, and share nothing."""
        return self.overlap == 0 and self.cut == "wordpiece"


def check_overlap(overlap: int, max_length: int | None, num_special_tokens: int) -> None:
    """Refuse windows that would never reach the end of a document.

    Args:
        overlap: Wordpieces that neighbouring segments share.
        max_length: Longest segment, special tokens included; None for a document that is not cut.
        num_special_tokens: In each segment.

    Raises:
        ConfigurationError: They would, or there are no segments to share anything.
    """
    if overlap == 0:
        return
    if max_length is None:
        raise ConfigurationError(
            f"overlap: got {overlap} without max_length, so that no document is cut; expected both or neither"
        )
    room = max_length - num_special_tokens
    if not 0 <= overlap < room:
        raise ConfigurationError(
            f"overlap: got {overlap}; expected 0 to {room - 1}, less than the {room} content wordpieces of a segment "
            f"(max_length {max_length}, {num_special_tokens} special tokens)"
        )


def cut_windows(lengths: IntArray, windowing: Windowing, places: Sequence[CutPlaces] | None = None) -> Segments:
    """Cut the content of documents into windows; an empty document has none.

    Args:
        lengths: Content wordpieces of each document. (batch,)
        windowing: How.
        places: Of each document, for the cuts "word" and "sentence".

    Returns:
        Windows over the content of all documents, one after the other; starts and ends of a document's rise strictly.
    """
    if windowing.cut in ("word", "sentence"):
        assert places is not None, "the caller has found them"
        return _cut_at_places(lengths, windowing, places)
    step = windowing.size - windowing.overlap
    counts = np.where(lengths > 0, 1 - np.minimum(windowing.size - lengths, 0) // step, 0)
    documents = np.repeat(np.arange(len(lengths)), counts)
    within = np.arange(len(documents)) - np.repeat(np.cumsum(counts) - counts, counts)
    if windowing.cut == "even":
        share, rest = np.divmod(lengths + (counts - 1) * windowing.overlap, np.maximum(counts, 1))
        share, rest = share[documents], rest[documents]
        offsets = within * (share - windowing.overlap) + np.minimum(within, rest)
        sizes = share + (within < rest)
    else:
        offsets = within * step
        sizes = np.minimum(lengths[documents] - offsets, windowing.size)
    return Segments((np.cumsum(lengths) - lengths)[documents] + offsets, sizes, documents)


def _cut_at_places(lengths: IntArray, windowing: Windowing, places: Sequence[CutPlaces]) -> Segments:
    spans, documents, base = [], [], 0
    for number, (length, of_document) in enumerate(zip(lengths.tolist(), places, strict=True)):
        for start, end in _windows(length, windowing, of_document):
            spans.append((base + start, end - start))
            documents.append(number)
        base += length
    starts, sizes = np.array(spans, np.int64).reshape(-1, 2).T
    return Segments(starts, sizes, np.array(documents, np.int64))


def _windows(length: int, windowing: Windowing, places: CutPlaces) -> Iterator[tuple[int, int]]:
    """Yield the half-open windows of one document."""
    start = before = 0
    while start + windowing.size < length:
        end = _end(start, before, windowing, places)
        yield start, end
        before, start = end, _next_start(max(end - windowing.overlap, start + 1), end, places.words)
    if length:
        yield start, length


def _end(start: int, before: int, windowing: Windowing, places: CutPlaces) -> int:
    """Return the last good place for a window's end, behind that of the window before."""
    furthest = start + windowing.size
    if windowing.cut == "sentence":
        end = _last(places.sentences, furthest)
        if end > max(before, start + windowing.size // 2):
            return end
    end = _last(places.words, furthest)
    return end if end > max(before, start) else furthest


def _last(places: IntArray, limit: int) -> int:
    """Return the last place up to a limit, 0 where there is none."""
    number = int(np.searchsorted(places, limit, side="right"))
    return int(places[number - 1]) if number else 0


def _next_start(earliest: int, latest: int, words: IntArray) -> int:
    """Return the first beginning of a word in a range, its first place where there is none."""
    number = int(np.searchsorted(words, earliest))
    found = int(words[number]) if number < len(words) else latest + 1
    return found if found <= latest else earliest
