"""What the comparison of windows counts, against naive loops."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.windows.features import edge_distances, num_run, word_lengths
from benchmarks.windows.intervals import f1, gain, interval, ratio
from benchmarks.windows.probe import entity_counts, predict
from benchmarks.windows.rules import HALF, Rule, all_rules


def naive_entities(tags: list[int], documents: list[int]) -> set[tuple[int, int]]:
    found, start = set(), None
    for place in range(len(tags) + 1):
        goes_on = place < len(tags) and tags[place] == 2 and place and documents[place] == documents[place - 1]
        if start is not None and not goes_on:
            found.add((start, place))
            start = None
        if place < len(tags) and tags[place] and start is None:
            start = place
    return found


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), min_size=1, max_size=30))
def test_entities_are_counted_as_by_hand(words: list[tuple[int, int, bool]]) -> None:
    predicted, gold = [p for p, _, _ in words], [g for _, g, _ in words]
    documents = np.cumsum([new for _, _, new in words]).tolist()
    spans = [naive_entities(tags, documents) for tags in (predicted, gold)]
    counts = entity_counts(np.array(predicted), np.array(gold), np.array(documents)).sum(0)
    assert counts.tolist() == [len(spans[0] & spans[1]), len(spans[0]), len(spans[1])]


def test_distances_from_edges_are_those_of_plain_windows(tiny_model) -> None:
    folder, documents = Path(tiny_model("bert")), [["a"] * 7, ["bank", "a", "a"], ["a"] * 4]
    lengths = word_lengths(folder, documents)
    expected = []
    for own in lengths:
        total, first = int(own.sum()), 0
        for length in own.tolist():
            edges = list(range(4, total, 4))
            before = [first - edge + 1 for edge in edges if edge <= first]
            behind = [edge - first for edge in edges if edge > first]
            expected.append(min([*before, *behind], default=np.iinfo(np.int64).max))
            first += length
    assert edge_distances(folder, documents, 4).tolist() == expected
    assert num_run(folder, documents, Rule(4)) == sum(int(own.sum()) + 2 * -(-int(own.sum()) // 4) for own in lengths)


def test_an_interval_holds_its_figure_and_is_narrow_for_equal_documents() -> None:
    generator = np.random.default_rng(0)
    right = generator.integers(0, 11, (3, 50)).astype(float)
    totals = np.stack([right, np.full_like(right, 10)], axis=-1)
    figure, low, high = interval(totals, ratio)
    assert figure == pytest.approx(right.mean() / 10)
    assert low < figure < high
    assert interval(np.full((2, 5, 2), 3.0), ratio) == [1.0, 1.0, 1.0]
    assert interval(np.concatenate([totals, totals], axis=-1), gain(ratio, 2)) == [0.0, 0.0, 0.0]
    assert f1(np.array([1.0, 2.0, 2.0])) == 0.5


def test_a_probe_finds_what_is_linear() -> None:
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(400, 5)).astype(np.float32)
    labels = (vectors[:, 1] > 0).astype(np.int64) + 2 * (vectors[:, 3] > 0)
    predicted = predict(vectors[:300], labels[:300], vectors[300:], np.arange(300) // 10, seed=0)
    assert (predicted == labels[300:]).mean() > 0.9


def test_rules_have_names_of_their_own() -> None:
    names = [rule.name for rule in all_rules()]
    assert len(set(names)) == len(names)
    assert Rule(62, HALF).overlap == 31
