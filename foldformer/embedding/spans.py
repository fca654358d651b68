"""Spans of a document, as characters or words, and the wordpieces that they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foldformer.text.splitters import Splitter

IntArray = NDArray[np.int32]
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Spanned:
    """A document and the spans in it that get a vector; they may overlap, nest and come in any order.

    Args:
        document: Running text, or words.
        spans: Half-open, of characters of a text, of words of a list.
    """

    document: str | Sequence[str]
    spans: Spans


@dataclass(frozen=True, eq=False)
class FoundSpans:
    """The spans of one document.

    Args:
        pieces: Their texts.
        places: Half-open, as in `Spanned`. int32 (spans, 2)
        wordpieces: Half-open span of wordpieces in each; empty for a span that holds none. int32 (spans, 2)
    """

    pieces: list[str]
    places: IntArray
    wordpieces: IntArray


def spans_in_text(
    text: str, wordpieces: NDArray[np.integer[Any]], given: Spans | None, splitter: Splitter | None
) -> FoundSpans:
    """Find the spans of a text; a wordpiece is in a span if it shares a character with it.

    Args:
        text: The text.
        wordpieces: Half-open character span of each wordpiece, in the order of the text. (wordpieces, 2)
        given: The spans; None asks the splitter.
        splitter: Finds them.

    Raises:
        ValueError: There are neither spans nor a splitter, or a span goes beyond the text.
    """
    places = _checked(_split(text, wordpieces, splitter) if given is None else given, len(text), "characters")
    pieces = [text[start:end] for start, end in places.tolist()]
    return FoundSpans(pieces, places, _touched(places, wordpieces))


def spans_in_words(
    words: Sequence[str], word_lengths: NDArray[np.integer[Any]], given: Spans | None, splitter: Splitter | None
) -> FoundSpans:
    """Find the spans of a list of words; a splitter sees them with spaces between.

    Raises:
        ValueError: There are neither spans nor a splitter, or a span goes beyond the words.
    """
    if given is None:
        ends = np.array(list(accumulate(len(word) + 1 for word in words)), np.int64)
        characters = np.stack([ends - [len(word) + 1 for word in words], ends - 1], axis=1).reshape(-1, 2)
        found = _split(" ".join(words), np.repeat(characters, word_lengths, axis=0), splitter)
        given = _touched(np.array(found, np.int32).reshape(-1, 2), characters).tolist()
    places = _checked(given, len(words), "words")
    pieces = [" ".join(words[start:end]) for start, end in places.tolist()]
    bounds = np.concatenate([[0], np.cumsum(word_lengths)]).astype(np.int32)
    return FoundSpans(pieces, places, bounds[places])


def _split(text: str, wordpieces: NDArray[np.integer[Any]], splitter: Splitter | None) -> Sequence[tuple[int, int]]:
    if splitter is None:
        raise ValueError(
            "document: got no spans at level span; expected Spanned(document, spans), spans in the record, or a "
            'splitter such as spans: {type: "sentences"}'
        )
    return splitter.split_cut(text, wordpieces)


def _checked(spans: Spans, length: int, unit: str) -> IntArray:
    for span in spans:
        start, end = span
        if not 0 <= start <= end <= length:
            raise ValueError(
                f"spans: got [{start}, {end}] in a document of {length} {unit}; expected 0 <= start <= end <= {length}"
            )
    return np.array(spans, np.int32).reshape(-1, 2)


def _touched(places: IntArray, items: NDArray[np.integer[Any]]) -> IntArray:
    """Return the half-open range of items that share a character with each place. (places, 2)"""
    first = np.searchsorted(items[:, 1], places[:, 0], side="right")
    last = np.searchsorted(items[:, 0], places[:, 1], side="left")
    last = np.where(places[:, 0] < places[:, 1], np.maximum(first, last), first)
    return np.stack([first, last], axis=1).astype(np.int32)
