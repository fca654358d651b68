"""Where the wordpieces of a document may be cut: between words, between sentences.

text          The old house. It stood.
wordpieces    The old hou ##se . It stood .
words         0   1   2          5  6           wordpieces that begin what stands between spaces
sentences     0                  5
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foldformer.choices import Cut
from foldformer.config import ConfigurationError
from foldformer.config.nearest import show
from foldformer.text.splitters.sentences import SentenceSplitter
from foldformer.text.splitters.splitter import Splitter
from foldformer.text.token import Token

_SPACE_MARKS = "\u2581\u0120\u010a"
"""How vocabularies of SentencePiece and byte-level BPE spell a space and the end of a line."""


@dataclass(frozen=True, eq=False)
class CutPlaces:
    """Where one document may be cut.

    Args:
        words: Positions of wordpieces that begin a word, ascending. int64 (words,)
        sentences: Positions of wordpieces that begin a sentence, ascending. int64 (sentences,)
    """

    words: NDArray[np.int64]
    sentences: NDArray[np.int64]


def sentence_splitter_of(cut: Cut, splitter: Splitter | None) -> Splitter | None:
    """Return what finds sentences for a cut; None where it asks for none.

    Raises:
        ConfigurationError: A splitter is given that is not asked.
    """
    if splitter is not None and cut != "sentence":
        raise ConfigurationError(
            f'sentence_splitter: got one with cut {show(cut)}, which does not ask it; expected cut "sentence" beside it'
        )
    return splitter or SentenceSplitter() if cut == "sentence" else None


def places_in_text(text: str, wordpieces: NDArray[np.integer[Any]], splitter: Splitter | None) -> CutPlaces:
    """Find them in a running text; what stands between spaces is a word.

    Args:
        text: The text.
        wordpieces: Half-open character span of each wordpiece. (wordpieces, 2)
        splitter: Finds sentences; None where these are not wanted.
    """
    is_space = np.array([character.isspace() for character in text] + [False])
    begins_word = ~is_space & np.concatenate([[True], is_space[:-1]])
    # the first character of each wordpiece that is no space
    places = np.where(is_space, len(text), np.arange(len(text) + 1))
    firsts = np.minimum.accumulate(places[::-1])[::-1][np.minimum(wordpieces[:, 0], len(text))]
    words = _starts_of(begins_word.cumsum(), firsts)
    if splitter is None:
        return CutPlaces(words, np.empty(0, np.int64))
    starts_sentence = np.zeros(len(text) + 1, np.int64)
    starts_sentence[[start for start, _ in splitter.split(text)]] = 1
    return CutPlaces(words, _starts_of(starts_sentence.cumsum(), firsts))


def places_in_tokens(tokens: Sequence[Token], splitter: Splitter | None) -> CutPlaces:
    """Find them in wordpieces that know their characters, as `PretrainedTransformerTokenizer` makes them.

    The text is put together again from the wordpieces, with spaces where none of them is.

    Raises:
        ValueError: A wordpiece does not know its characters.
    """
    spans = [(token.idx, token.idx_end) for token in tokens]
    characters = [" "] * max([end or 0 for _, end in spans], default=0)
    known = np.zeros((len(tokens), 2), np.int64)
    for number, (token, (start, end)) in enumerate(zip(tokens, spans, strict=True)):
        if start is None or end is None:
            raise ValueError(
                f'got the token "{token}" without idx and idx_end; cuts at words and sentences need the characters of '
                'every wordpiece; expected tokens of a PretrainedTransformerTokenizer, or cut "wordpiece" or "even"'
            )
        text = (token.text or "").removeprefix("##").lstrip(_SPACE_MARKS)
        # what a space is part of begins with it
        characters[start:end] = text[: end - start].rjust(end - start)
        known[number] = start, end
    return places_in_text("".join(characters), known, splitter)


def places_in_words(
    words: Sequence[str], word_lengths: NDArray[np.integer[Any]], splitter: Splitter | None
) -> CutPlaces:
    """Find them in a list of words; sentences are those of the words with spaces between.

    Args:
        words: The words.
        word_lengths: Wordpieces of each word. (words,)
        splitter: Finds sentences; None where these are not wanted.
    """
    starts = (np.cumsum(word_lengths) - word_lengths).astype(np.int64)
    num_wordpieces = int(np.sum(word_lengths))
    sentences = np.empty(0, np.int64)
    if splitter is not None:
        ends = np.cumsum([len(word) + 1 for word in words])
        first_characters = [start for start, _ in splitter.split(" ".join(words))]
        sentences = np.unique(starts[np.searchsorted(ends, first_characters, side="right")])
    return CutPlaces(np.unique(starts[starts < num_wordpieces]), sentences[sentences < num_wordpieces])


def _starts_of(numbers: NDArray[np.int64], firsts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the wordpieces whose first character has a higher number than all before. (starts,)"""
    of_wordpiece = np.maximum.accumulate(numbers[firsts]) if len(firsts) else firsts
    return np.flatnonzero(np.diff(of_wordpiece, prepend=-1) > 0)
