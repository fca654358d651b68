"""Which wordpieces of a running text belong to which word, by their characters.

text          the  old house
words         the      old   house
wordpieces    the  " "  " old"  " hou"  se        what covers no word counts for none, but runs as context
runs          1    1     1       2
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class WordSpans:
    """The wordpieces of one text in runs.

    Args:
        lengths: Wordpieces of each run, one run after the other. int32 (runs,)
        are_words: Which runs are words; None where all are. bool (runs,)
    """

    lengths: IntArray
    are_words: NDArray[np.bool_] | None


def words_by_characters(wordpieces: IntArray, words: IntArray) -> WordSpans | None:
    """Give each wordpiece to the word that it shares most characters with.

    Args:
        wordpieces: Half-open character span of each wordpiece. (wordpieces, 2)
        words: Half-open character span of each word. (words, 2)

    Returns:
        The runs. None where one wordpiece covers several words, so that a word would be left without, and where spans
        are not in the order of the text.
    """
    if (words[1:, 0] < words[:-1, 1]).any():
        return None
    owners = _owners(wordpieces, words)
    num_words = len(words)
    before = np.maximum.accumulate(owners) if len(owners) else owners
    after = np.minimum.accumulate(np.where(owners < 0, num_words, owners)[::-1])[::-1]
    owners = np.where((owners < 0) & (before == after), before, owners)
    owned = owners[owners >= 0]
    counts = np.bincount(owned, minlength=num_words).astype(np.int32)
    if (np.diff(owned) < 0).any() or _touched(wordpieces, words)[counts == 0].any():
        return None
    if len(owned) == len(owners):
        return WordSpans(counts, None)
    lengths = np.zeros(2 * num_words + 1, np.int32)
    lengths[0::2] = np.bincount(before[owners < 0] + 1, minlength=num_words + 1)
    lengths[1::2] = counts
    return WordSpans(lengths, np.arange(len(lengths)) % 2 == 1)


def _owners(wordpieces: IntArray, words: IntArray) -> NDArray[np.int64]:
    """Return the word of each wordpiece, -1 for one that covers no word. (wordpieces,)"""
    owners = np.full(len(wordpieces), -1, np.int64)
    first = np.searchsorted(words[:, 1], wordpieces[:, 0], side="right")
    last = np.searchsorted(words[:, 0], wordpieces[:, 1], side="left") - 1
    covers = (first <= last) & (wordpieces[:, 0] < wordpieces[:, 1])
    spans, first, last = wordpieces[covers], first[covers], last[covers]
    owners[covers] = np.where(_shared(spans, words[first]) >= _shared(spans, words[last]), first, last)
    return owners


def _shared(spans: IntArray, others: IntArray) -> IntArray:
    """Return how many characters two lists of spans share, pair by pair. (spans,)"""
    shared: IntArray = np.minimum(spans[:, 1], others[:, 1]) - np.maximum(spans[:, 0], others[:, 0])
    return shared


def _touched(wordpieces: IntArray, words: IntArray) -> NDArray[np.bool_]:
    """Return which words share a character with any wordpiece. (words,)"""
    real = wordpieces[wordpieces[:, 0] < wordpieces[:, 1]]
    starts, ends = np.sort(real[:, 0]), np.sort(real[:, 1])
    touched: NDArray[np.bool_] = np.searchsorted(starts, words[:, 1]) > np.searchsorted(ends, words[:, 0], side="right")
    return touched & (words[:, 0] < words[:, 1])
