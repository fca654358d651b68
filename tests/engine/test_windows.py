"""Where windows are cut and what each counts for, against naive loops over lists."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foldformer.choices import Cut, OverlapMode
from foldformer.config import ConfigurationError
from foldformer.engine.segments import Segments, SpecialTokenCounts
from foldformer.engine.windows.cuts import Windowing, check_overlap, cut_windows
from foldformer.engine.windows.overlap import content_of, share_rows, window_weights
from foldformer.text.splitters import CutPlaces

LENGTHS = st.lists(st.integers(0, 40), min_size=1, max_size=5)


def naive_windows(length: int, size: int, overlap: int) -> list[tuple[int, int]]:
    spans = [(0, min(size, length))] if length else []
    while spans and spans[-1][1] < length:
        start = spans[-1][1] - overlap
        spans.append((start, min(start + size, length)))
    return spans


def by_document(windows: Segments, lengths: list[int]) -> list[list[tuple[int, int]]]:
    base = np.cumsum([0, *lengths])
    spans: list[list[tuple[int, int]]] = [[] for _ in lengths]
    for start, length, document in zip(windows.starts, windows.lengths, windows.documents, strict=True):
        first = int(start - base[document])
        spans[document].append((first, first + int(length)))
    return spans


@given(LENGTHS, st.integers(1, 12), st.data())
def test_full_windows_equal_the_naive_loop(lengths: list[int], size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    windows = cut_windows(np.array(lengths), Windowing(size, overlap))
    assert by_document(windows, lengths) == [naive_windows(length, size, overlap) for length in lengths]


@given(LENGTHS, st.integers(1, 12), st.data())
def test_even_windows_are_as_many_and_of_like_length(lengths: list[int], size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    windows = cut_windows(np.array(lengths), Windowing(size, overlap, "even"))
    for spans, length in zip(by_document(windows, lengths), lengths, strict=True):
        sizes = [end - start for start, end in spans]
        assert len(spans) == len(naive_windows(length, size, overlap))
        assert max(sizes, default=0) <= min(size, min(sizes, default=0) + 1)
        assert [end - start for (_, end), (start, _) in pairwise(spans)] == [overlap] * (len(spans) - 1 if spans else 0)
        assert not spans or (spans[0][0], spans[-1][1]) == (0, length)


@given(LENGTHS, st.integers(1, 12), st.sampled_from(["word", "sentence"]), st.data())
def test_windows_end_at_good_places_where_there_are_any(
    lengths: list[int], size: int, cut: Cut, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    places = []
    for length in lengths:
        words = sorted(data.draw(st.sets(st.integers(0, max(length - 1, 0)), max_size=length)))
        sentences = sorted(data.draw(st.sets(st.sampled_from(words)))) if words else []
        places.append(CutPlaces(np.array(words, np.int64), np.array(sentences, np.int64)))
    windows = cut_windows(np.array(lengths), Windowing(size, overlap, cut), places)
    for spans, length, found in zip(by_document(windows, lengths), lengths, places, strict=True):
        words, sentences = set(found.words.tolist()), set(found.sentences.tolist())
        assert [0, length] == [spans[0][0], spans[-1][1]] if length else not spans
        assert all(0 < end - start <= size for start, end in spans)
        for (start, end), (next_start, next_end) in pairwise(spans):
            assert start < next_start <= end < next_end
            assert end - next_start <= overlap
            room = range(start + 1, start + size + 1)
            if end not in words | sentences:
                assert end == start + size
            if cut == "word" and end not in words:
                before = [last for _, last in spans if last < end]
                assert not words & set(range(max([start, *before]) + 1, start + size + 1))
            if cut == "sentence" and end not in sentences:
                assert not sentences & set(room[size // 2 :]) - set(
                    range(max([0, *[e for _, e in spans if e < end]]) + 1)
                )
            if next_start not in words and next_start != end:
                assert not words & set(range(max(end - overlap, start + 1), end + 1))


def test_a_sentence_that_leaves_a_window_half_empty_does_not_end_it() -> None:
    places = [CutPlaces(np.array([0, 2, 4, 7]), np.array([0, 4]))]
    assert cut_windows(np.array([9]), Windowing(7, 0, "sentence"), places).lengths.tolist() == [4, 5]
    assert cut_windows(np.array([9]), Windowing(8, 0, "sentence"), places).lengths.tolist() == [7, 2]


@given(LENGTHS, st.integers(1, 8), st.sampled_from(["average", "max_context", "weighted"]), st.data())
def test_weights_equal_the_naive_loop(lengths: list[int], size: int, mode: OverlapMode, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    windows = cut_windows(np.array(lengths), Windowing(size, overlap))
    rows = [
        (int(start) + i, 1 + min(i, int(length) - 1 - i))
        for start, length in zip(windows.starts, windows.lengths, strict=True)
        for i in range(length)
    ]
    expected = []
    for number, (wordpiece, distance) in enumerate(rows):
        rivals = [(other, d) for other, (w, d) in enumerate(rows) if w == wordpiece]
        if mode == "average":
            expected.append(Fraction(1, len(rivals)))
        elif mode == "weighted":
            expected.append(Fraction(distance, sum(d for _, d in rivals)))
        else:
            best = min(rivals, key=lambda rival: (-rival[1], rival[0]))[0]
            expected.append(Fraction(int(number == best)))
    np.testing.assert_allclose(window_weights(windows, mode), np.array(expected, np.float64), rtol=1e-6)
    assert content_of(windows).tolist() == [wordpiece for wordpiece, _ in rows]


def test_modes_differ() -> None:
    windows = cut_windows(np.array([8]), Windowing(5, 2))
    assert window_weights(windows, "average").tolist() == [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 1, 1, 1]
    np.testing.assert_allclose(window_weights(windows, "weighted")[3:7], [2 / 3, 1 / 3, 1 / 3, 2 / 3], rtol=1e-6)
    assert window_weights(windows, "max_context").tolist() == [1, 1, 1, 1, 0, 0, 1, 1, 1, 1]


def test_shares_lead_to_padded_places() -> None:
    lengths = np.array([3, 0, 1])
    windows = cut_windows(lengths, Windowing(2, 1))
    shares = share_rows(windows, lengths, SpecialTokenCounts(1, 1), "average", width=5)
    #         [CLS] a b [SEP]  [CLS] b c [SEP]  [CLS] x [SEP]
    assert shares.places.tolist() == [0, 1, 2, -1, -1, 2, 3, 4, 10, 11, 12]
    assert shares.weights.tolist() == [1, 1, 0.5, 0, 0, 0.5, 1, 1, 1, 1, 1]


def test_overlap_must_leave_something_new() -> None:
    check_overlap(3, 6, 2)
    with pytest.raises(ConfigurationError, match=r"overlap: got 4; expected 0 to 3, less than the 4 content"):
        check_overlap(4, 6, 2)
    with pytest.raises(ConfigurationError, match="overlap: got 4 without max_length"):
        check_overlap(4, None, 2)
