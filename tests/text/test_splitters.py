"""Sentences and paragraphs of running text, and where its wordpieces may be cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foldformer.config import ConfigurationError
from foldformer.text import Token
from foldformer.text.splitters import ParagraphSplitter, SentenceSplitter, SpacySplitter, Splitter
from foldformer.text.splitters.cut_places import places_in_text, places_in_tokens, places_in_words


def split(splitter: Splitter, text: str) -> list[str]:
    return [text[start:end] for start, end in splitter.split(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two!  Three?", ["One.", "Two!", "Three?"]),
        ("Mr. Smith and J. S. Bach went home. He slept.", ["Mr. Smith and J. S. Bach went home.", "He slept."]),
        ('"Where?" he asked. "There."', ['"Where?" he asked.', '"There."']),
        ("It cost 3.5 dollars... and more (much.) End", ["It cost 3.5 dollars... and more (much.)", "End"]),
        ("A line\nthat goes on\n\nA title\n \nText.", ["A line\nthat goes on", "A title", "Text."]),
        ("北京。好。", ["北京。", "好。"]),
        ("  \n ", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, sentences: list[str]) -> None:
    assert split(SentenceSplitter(), text) == sentences


def test_paragraphs_end_at_empty_lines() -> None:
    assert split(ParagraphSplitter(), "\n a\nb \n\n\n c\n\t\nd") == ["a\nb", "c", "d"]


@given(st.text('aB.! \n\u3002"(', max_size=60))
def test_spans_hold_all_but_space_in_order(text: str) -> None:
    for splitter in (SentenceSplitter(), ParagraphSplitter()):
        spans = splitter.split(text)
        assert all(a < b for a, b in spans)
        assert "".join(text[a:b] for a, b in spans).split() == [] or spans
        covered = "".join(text[a:b] for a, b in spans)
        assert "".join(covered.split()) == "".join(text.split())
        assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_spacy_splits_by_its_rules() -> None:
    pytest.importorskip("spacy")
    assert split(Splitter.by_name("spacy")(), "One. Two! ") == ["One.", "Two!"]
    with pytest.raises(ConfigurationError, match='pipeline: got "no_such", which spaCy cannot load'):
        SpacySplitter("no_such")


TEXT = "The  old house. It stood."
#         The   old    hou       ##se      .         It        stood     .
PIECES = [(0, 3), (5, 8), (9, 12), (12, 14), (14, 15), (16, 18), (19, 24), (24, 25)]


def test_places_of_a_text() -> None:
    places = places_in_text(TEXT, np.array(PIECES), SentenceSplitter())
    assert places.words.tolist() == [0, 1, 2, 5, 6]
    assert places.sentences.tolist() == [0, 5]
    # byte-level vocabularies: a space is part of what follows
    with_spaces = np.array([(0, 3), (3, 4), (4, 8), (8, 12), (12, 14), (14, 15), (15, 18), (18, 24), (24, 25)])
    places = places_in_text(TEXT, with_spaces, SentenceSplitter())
    assert places.words.tolist() == [0, 1, 3, 6, 7]
    assert places.sentences.tolist() == [0, 6]
    assert places_in_text("", np.zeros((0, 2), int), SentenceSplitter()).words.tolist() == []


def test_places_of_wordpieces_are_those_of_their_text() -> None:
    texts = ["The", "\u0120old", "hou", "##se", ".", "It", "stood", "."]
    tokens = [Token(text, idx=start, idx_end=end) for text, (start, end) in zip(texts, PIECES, strict=True)]
    places = places_in_tokens(tokens, SentenceSplitter())
    assert places.words.tolist() == [0, 1, 2, 5, 6]
    assert places.sentences.tolist() == [0, 5]
    with pytest.raises(ValueError, match='got the token "a" without idx'):
        places_in_tokens([Token("a")], None)


def test_places_of_words_pass_over_those_without_wordpieces() -> None:
    words = ["The", "old", "\u200b", "house.", "\u200b", "It", "stood."]
    places = places_in_words(words, np.array([1, 1, 0, 3, 0, 1, 2]), SentenceSplitter())
    assert places.words.tolist() == [0, 1, 2, 5, 6]
    assert places.sentences.tolist() == [0, 5]
    assert places_in_words([], np.zeros(0, int), SentenceSplitter()).words.tolist() == []
