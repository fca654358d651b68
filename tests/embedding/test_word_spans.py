import numpy as np
import pytest

from foldformer.embedding.word_spans import words_by_characters


def _runs(wordpieces, words):
    spans = words_by_characters(np.array(wordpieces, np.int32).reshape(-1, 2), np.array(words, np.int32).reshape(-1, 2))
    if spans is None:
        return None
    are_words = [True] * len(spans.lengths) if spans.are_words is None else spans.are_words.tolist()
    return list(zip(spans.lengths.tolist(), are_words, strict=True))


@pytest.mark.parametrize(
    ("wordpieces", "words", "runs"),
    [
        ([], [], []),
        ([(0, 2), (2, 4), (4, 8)], [(0, 4), (5, 8)], [(2, True), (1, True)]),  # the last brings its space along
        (
            [(0, 3), (3, 4), (4, 8)],
            [(0, 3), (5, 8)],
            [(0, False), (1, True), (1, False), (1, True), (0, False)],  # a space by itself
        ),
        ([(0, 3)], [(0, 3), (5, 6)], [(1, True), (0, True)]),  # a word that the tokenizer drops
        ([(0, 2), (2, 2), (2, 4)], [(0, 4)], [(3, True)]),  # without characters, within a word
        ([(0, 3), (3, 4), (4, 5)], [(0, 2), (2, 5)], [(1, True), (2, True)]),  # "don" "'" "t" for "do" "n't"
        ([(0, 6)], [(0, 3), (3, 6)], None),  # one wordpiece is two words
        ([(0, 3), (4, 5)], [(4, 5), (0, 3)], None),
        ([(4, 5), (0, 3)], [(0, 3), (4, 5)], None),
    ],
)
def test_wordpieces_go_to_the_word_that_they_share_most_characters_with(wordpieces, words, runs):
    assert _runs(wordpieces, words) == runs
