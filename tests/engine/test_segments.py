"""The arithmetic of fold and stitch against a naive loop over lists of letters."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from foldformer.engine.segments import (
    SpecialTokenCounts,
    cut_segments,
    frame_content,
    micro_batches,
    packed_micro_batches,
    padded_index,
    stitch_index,
    stitched_lengths,
)

specials = st.builds(SpecialTokenCounts, st.integers(0, 2), st.integers(0, 2))


def fold(num_content: int, max_length: int | None, special: SpecialTokenCounts) -> list[list[str]]:
    """What an indexer makes of one document: a list of wordpieces a segment, each named by where it comes from."""
    content = [f"w{i}" for i in range(num_content)]
    room = max(num_content, 1) if max_length is None else max_length - special.total
    pieces = [content[i : i + room] for i in range(0, num_content, room)] or [[]]
    last = len(pieces) - 1
    return [
        [f"start{n}.{i}" for i in range(special.start)] + piece + [f"end{last - n}.{i}" for i in range(special.end)]
        for n, piece in enumerate(pieces)
    ]


def stitched(segments: list[list[str]]) -> list[str]:
    """Content, the special tokens that start the first segment, and those that end the last."""
    return [
        piece for segment in segments for piece in segment if piece[0] == "w" or piece.startswith(("start0", "end0"))
    ]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=5), st.one_of(st.none(), st.integers(1, 12)), specials)
def test_stitching_equals_the_naive_loop(contents: list[int], room: int | None, special: SpecialTokenCounts) -> None:
    max_length = None if room is None else room + special.total
    folded = [fold(n, max_length, special) for n in contents]
    flat = [piece for segments in folded for segment in segments for piece in segment]
    lengths = np.array([sum(map(len, segments)) for segments in folded])

    segments = cut_segments(lengths, max_length)
    index = stitch_index(segments, lengths, special)

    assert [flat[row] for row in index] == [piece for document in folded for piece in stitched(document)]
    assert stitched_lengths(lengths, max_length, special).tolist() == [len(stitched(d)) for d in folded]
    cut = [flat[start : start + length] for start, length in zip(segments.starts, segments.lengths, strict=True)]
    assert cut == [segment for document in folded for segment in document if segment]
    assert segments.documents.tolist() == [n for n, document in enumerate(folded) for segment in document if segment]


def test_empty_documents_have_no_segments() -> None:
    segments = cut_segments(np.array([0, 7, 0]), 4)
    assert segments.documents.tolist() == [1, 1]
    assert segments.starts.tolist() == [0, 4]
    assert segments.lengths.tolist() == [4, 3]
    assert len(cut_segments(np.array([0, 0]), None)) == 0


def test_padded_index_puts_padding_behind_each_document() -> None:
    index = padded_index(np.array([3, 4, 9]), np.array([2, 0, 1]), width=3, padding=-5)
    assert index.tolist() == [[3, 4, -5], [-5, -5, -5], [9, -5, -5]]


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(1, 64), st.integers(0, 50))
def test_micro_batches_hold_every_segment_once_within_both_limits(
    lengths: list[int], budget: int, max_padding: int
) -> None:
    batches = [batch.tolist() for batch in micro_batches(np.array(lengths, dtype=np.int64), budget, max_padding)]
    assert sorted(segment for batch in batches for segment in batch) == list(range(len(lengths)))
    for batch in batches:
        widths = [lengths[segment] for segment in batch]
        assert widths == sorted(widths, reverse=True)
        assert len(batch) == 1 or len(batch) * widths[0] <= budget
        assert len(batch) * widths[0] - sum(widths) <= max_padding


def test_no_micro_batch_is_cut_without_need() -> None:
    lengths = np.array([9, 9, 8, 3, 3, 3])
    assert [batch.tolist() for batch in micro_batches(lengths, 100, 4)] == [[0, 1, 2], [3, 4, 5]]
    assert [batch.tolist() for batch in micro_batches(lengths, 100, 100)] == [[0, 1, 2, 3, 4, 5]]
    assert [batch.tolist() for batch in micro_batches(lengths, 18, 100)] == [[0, 1], [2, 3], [4, 5]]


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(1, 64))
def test_packed_micro_batches_hold_every_segment_once_and_as_many_as_fit(lengths: list[int], budget: int) -> None:
    batches = [batch.tolist() for batch in packed_micro_batches(np.array(lengths, dtype=np.int64), budget)]
    assert sorted(segment for batch in batches for segment in batch) == list(range(len(lengths)))
    ordered = [[lengths[segment] for segment in batch] for batch in batches]
    assert [length for batch in ordered for length in batch] == sorted(lengths, reverse=True)
    assert all(len(batch) == 1 or sum(batch) <= budget for batch in ordered)
    assert all(sum(batch) + following[0] > budget for batch, following in pairwise(ordered))


def test_sorting_leaves_little_padding() -> None:
    lengths = np.random.default_rng(0).integers(1, 512, 1000)
    places = sum(len(batch) * int(lengths[batch[0]]) for batch in micro_batches(lengths, 2048, 128))
    assert places < 1.02 * lengths.sum()


@given(st.lists(st.integers(0, 30), max_size=5), st.one_of(st.none(), st.integers(1, 9)), specials)
def test_framing_content_equals_folding_it(contents: list[int], room: int | None, special: SpecialTokenCounts) -> None:
    max_length = None if room is None else room + special.total
    folded = [fold(n, max_length, special) if n else [] for n in contents]
    flat = [piece for segments in folded for segment in segments for piece in segment]

    framed = frame_content(np.array(contents, dtype=np.int64), max_length, special)
    values = framed.fill(np.arange(sum(contents)), [-1] * special.start + [-2] * special.end)

    content = iter(range(sum(contents)))
    codes = {"s": lambda: -1, "e": lambda: -2, "w": lambda: next(content)}
    assert values.tolist() == [codes[piece[0]]() for piece in flat]
    assert framed.segments.lengths.tolist() == [len(segment) for segments in folded for segment in segments]
    assert framed.segments.documents.tolist() == [n for n, segments in enumerate(folded) for _ in segments]
