"""The best tree against trying all trees."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foldformer.config import ConfigurationError
from foldformer.nn.spanning_tree import decode_mst


def is_tree(heads):
    for word in range(1, len(heads)):
        seen = set()
        while word != 0:
            if word in seen:
                return False
            seen.add(word)
            word = heads[word]
    return True


def total(scores, heads):
    return sum(scores[heads[word], word] for word in range(1, len(heads)))


def best_by_trial(scores):
    size = len(scores)
    choices = itertools.product(*([head for head in range(size) if head != word] for word in range(1, size)))
    return max(total(scores, [-1, *heads]) for heads in choices if is_tree([-1, *heads]))


@settings(max_examples=150, deadline=None)
@given(arrays(np.float64, (5, 5), elements=st.integers(-20, 20).map(float)), st.integers(1, 5))
def test_tree_has_the_largest_sum_of_all_trees(scores, length):
    heads, labels = decode_mst(scores, length, has_labels=False)
    assert labels is None
    assert heads[0] == -1
    assert heads[length:].tolist() == [0] * (5 - length)
    assert is_tree(heads[:length])
    if length > 1:
        assert total(scores, heads[:length]) == pytest.approx(best_by_trial(scores[:length, :length]))


def test_arcs_take_their_best_labels():
    generator = np.random.default_rng(3)
    energy = generator.normal(size=(4, 6, 6))
    heads, labels = decode_mst(energy, 5)
    plain, _ = decode_mst(energy.max(axis=0), 5, has_labels=False)
    assert heads.tolist() == plain.tolist()
    assert labels[5] == 1
    for word in range(1, 5):
        assert labels[word] == energy[:, heads[word], word].argmax()


def test_scores_are_left_alone_and_their_shape_is_checked():
    energy = np.ones((2, 3, 3), dtype=np.float32)
    decode_mst(energy, 3)
    assert (energy == 1).all()
    with pytest.raises(ConfigurationError, match="energy: got 3 dimensions; expected 2, as there are no labels"):
        decode_mst(energy, 3, has_labels=False)
