"""What each window says of a wordpiece that several of them hold.

    content       a b c d e f g h
    windows       [a b c d e] [d e f g h]
    distance       1 2 3 2 1   1 2 3 2 1     from the nearest edge of the window, counted from 1
    average        1 1 1 ½ ½   ½ ½ 1 1 1     1 / number of windows
    weighted       1 1 1 ⅔ ⅓   ⅓ ⅔ 1 1 1     distance / sum of distances
    max_context    1 1 1 1 0   0 1 1 1 1     all for the window with the largest distance, of equals the first

A stitched wordpiece is the sum of its rows times their weights, which add up to 1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foldformer.choices import OverlapMode
from foldformer.engine.segments import IntArray, Segments, SpecialTokenCounts, frame_content


@dataclass(frozen=True, eq=False)
class RowShares:
    """Where every flat row goes, and how much it counts there.

    Args:
        places: Stitched place of each flat row; -1 for a row that is wanted nowhere. int64 (flat rows,)
        weights: Those of one place add up to 1. float32 (flat rows,)
    """

    places: IntArray
    weights: NDArray[np.float32]


def content_of(windows: Segments) -> IntArray:
    """Return the content wordpiece of every row of every window. (content rows,)"""
    ends = np.cumsum(windows.lengths)
    content: IntArray = np.arange(windows.num_rows) + np.repeat(
        windows.starts - (ends - windows.lengths), windows.lengths
    )
    return content


def window_weights(windows: Segments, mode: OverlapMode) -> NDArray[np.float32]:
    """Return how much each window counts for each of its content wordpieces. (content rows,)"""
    content = content_of(windows)
    if not len(content):
        return np.zeros(0, np.float32)
    first = content.min()
    if mode == "average":
        counts = np.bincount(content - first)
        return np.asarray(1 / counts[content - first], np.float32)
    before = content - np.repeat(windows.starts, windows.lengths)
    distances = 1 + np.minimum(before, np.repeat(windows.lengths, windows.lengths) - 1 - before)
    if mode == "weighted":
        sums = np.bincount(content - first, distances)
        return np.asarray(distances / sums[content - first], np.float32)
    order = np.lexsort((np.arange(len(content)), -distances, content))
    is_best = np.ones(len(content), bool)
    is_best[1:] = content[order][1:] != content[order][:-1]
    weights = np.zeros(len(content), np.float32)
    weights[order] = is_best
    return weights


def share_rows(
    windows: Segments, lengths: IntArray, special: SpecialTokenCounts, mode: OverlapMode, width: int
) -> RowShares:
    """Say where the rows of framed windows go in documents that are padded to one width.

    Special tokens at a document's start come from its first window, those at its end from its last.

    Args:
        windows: Over the content of all documents, one after the other.
        lengths: Content wordpieces of each document. (batch,)
        special: Special tokens around every window.
        mode: What counts of a wordpiece that several windows hold.
        width: Places of a document.

    Returns:
        Places in the documents, laid out one after the other. (flat rows,)
    """
    framed = frame_content(windows.lengths, None, special)
    num_rows = len(framed.content_rows) + framed.special_rows.size
    places, weights = np.full(num_rows, -1), np.zeros(num_rows, np.float32)
    first_content = np.cumsum(lengths) - lengths
    owner = np.repeat(windows.documents, windows.lengths)
    places[framed.content_rows] = owner * width + special.start + content_of(windows) - first_content[owner]
    weights[framed.content_rows] = window_weights(windows, mode)
    documents = windows.documents
    is_first, is_last = np.ones(len(windows), bool), np.ones(len(windows), bool)
    is_first[1:] = documents[1:] != documents[:-1]
    is_last[:-1] = is_first[1:]
    before, behind = np.split(framed.special_rows, [special.start], axis=1)
    after_content = documents * width + special.start + lengths[documents]
    places[before[is_first]] = (documents * width)[is_first, None] + np.arange(special.start)
    places[behind[is_last]] = after_content[is_last, None] + np.arange(special.end)
    weights[before[is_first]], weights[behind[is_last]] = 1, 1
    return RowShares(np.where(weights > 0, places, -1), weights)
