"""Cut documents into wordpieces, and group these into the pieces that get a vector.

text         "unfolded text"
wordpieces   un ##fold ##ed text
level        wordpiece          word           document
pieces       one a wordpiece    0 0 0 1        0 0 0 0
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from foldformer.choices import Level
from foldformer.embedding.place_finder import PlaceFinder
from foldformer.embedding.spans import Spanned
from foldformer.embedding.word_spans import words_by_characters
from foldformer.text import Token, Tokenizer
from foldformer.text.splitters import CutPlaces
from foldformer.text.wordpieces import EncodedText, encode_texts, encode_words

Document = str | Sequence[str] | Spanned
IntArray = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class CutDocument:
    """One document as wordpieces and pieces.

    Args:
        ids: Content wordpieces, no special tokens. (wordpieces,)
        piece_lengths: Wordpieces of each run, one run after the other; a run is a piece, or what lies between words.
            (runs,)
        pieces: The pieces' texts.
        characters: Half-open character span of each piece; None where nobody can tell. (pieces, 2)
        are_pieces: Which runs are pieces; None where all are. bool (runs,)
        cut_places: Where the document may be cut into segments; None where it may be anywhere.
        spans: Half-open wordpieces of each piece at level "span", where pieces may overlap. (pieces, 2)
    """

    ids: IntArray
    piece_lengths: IntArray
    pieces: list[str]
    characters: IntArray | None
    are_pieces: NDArray[np.bool_] | None = None
    cut_places: CutPlaces | None = None
    spans: IntArray | None = None


class DocumentCutter:
    """Cuts documents with one tokenizer for one level.

    Args:
        tokenizer: The transformer's own.
        level: What gets a vector.
        word_tokenizer: Splits strings into words at level "word".
        places: Finds where documents may be cut into segments; None for cuts that do not ask.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        level: Level,
        word_tokenizer: Tokenizer,
        places: PlaceFinder | None = None,
    ) -> None:
        self._tokenizer = tokenizer
        self._level = level
        self._word_tokenizer = word_tokenizer
        self._places = places or PlaceFinder("wordpiece", None)
        self._texts = _texts_by_id(tokenizer.get_vocab())

    def cut(self, documents: Sequence[str | Sequence[str]]) -> list[CutDocument]:
        """Cut documents with as few calls of the tokenizer as possible.

        Raises:
            ValueError: A document holds half a surrogate pair, or a word that is no string.
        """
        if self._level == "word":
            return self._cut_words(documents)
        as_text = [document for document in documents if isinstance(document, str)]
        as_words = [document for document in documents if not isinstance(document, str)]
        from_text, from_words = iter(self._cut_texts(as_text)), iter(self._cut_word_lists(as_words))
        cut = [next(from_text if isinstance(document, str) else from_words) for document in documents]
        return cut if self._level == "wordpiece" else [_whole(*pair) for pair in zip(documents, cut, strict=True)]

    def _cut_texts(self, texts: Sequence[str]) -> list[CutDocument]:
        return [
            CutDocument(
                encoded.ids,
                np.ones_like(encoded.ids),
                self._texts[encoded.ids].tolist(),
                encoded.offsets,
                cut_places=self._places.in_text(text, encoded),
            )
            for text, encoded in zip(texts, self._encode(texts), strict=True)
        ]

    def _encode(self, texts: Sequence[str]) -> list[EncodedText]:
        needs_offsets = self._level != "document" or self._places.is_asked
        return encode_texts(self._tokenizer, texts, with_offsets=needs_offsets)

    def _cut_word_lists(self, documents: Sequence[Sequence[str]]) -> list[CutDocument]:
        return [
            CutDocument(
                ids,
                np.ones_like(ids),
                self._texts[ids].tolist(),
                None,
                cut_places=self._places.in_words(words, lengths),
            )
            for words, (ids, lengths) in zip(documents, encode_word_lists(self._tokenizer, documents), strict=True)
        ]

    def _cut_words(self, documents: Sequence[str | Sequence[str]]) -> list[CutDocument]:
        """Cut running text as it stands, its wordpieces given to words by their characters; lists word by word.

        A string whose words or wordpieces have no places in it, or where one wordpiece is several words, is cut as a
        list of its words.
        """
        split = [self._split(document) for document in documents]
        running = [place for place, (_, characters) in enumerate(split) if characters is not None]
        encoded = encode_texts(self._tokenizer, [str(documents[place]) for place in running])
        cut: dict[int, CutDocument] = {}
        for place, text in zip(running, encoded, strict=True):
            words, characters = split[place]
            spans = None
            if characters is not None and text.offsets is not None:
                spans = words_by_characters(text.offsets, characters)
            if spans is not None:
                places = self._places.in_text(str(documents[place]), text)
                cut[place] = CutDocument(text.ids, spans.lengths, list(words), characters, spans.are_words, places)
        others = [place for place in range(len(documents)) if place not in cut]
        by_word = encode_word_lists(self._tokenizer, [split[place][0] for place in others])
        for place, (ids, lengths) in zip(others, by_word, strict=True):
            words, characters = split[place]
            places = self._places.in_words(words, lengths)
            own = words if isinstance(words, list) else list(words)
            cut[place] = CutDocument(ids, lengths, own, characters, cut_places=places)
        return [cut[place] for place in range(len(documents))]

    def _split(self, document: str | Sequence[str]) -> tuple[Sequence[str], IntArray | None]:
        if not isinstance(document, str):
            return document, None
        tokens = self._word_tokenizer.tokenize(document)
        return [_text_of(token) for token in tokens], _characters_of(tokens)


def encode_word_lists(
    tokenizer: PreTrainedTokenizerBase, documents: Sequence[Sequence[str]]
) -> list[tuple[IntArray, IntArray]]:
    """Return ids and wordpieces a word of every document."""
    encoded = encode_words(tokenizer, documents)
    lengths = np.split(encoded.word_lengths, np.cumsum([len(words) for words in documents])[:-1])
    ids = np.split(encoded.ids, np.cumsum([part.sum() for part in lengths])[:-1])
    return list(zip(ids, lengths, strict=True)) if documents else []


def _texts_by_id(vocabulary: Mapping[str, int]) -> NDArray[np.object_]:
    """Return the text of each id, none where ids have a gap. (ids,)"""
    texts = np.full(max(vocabulary.values(), default=-1) + 1, "", dtype=object)
    texts[list(vocabulary.values())] = list(vocabulary)
    return texts


def _whole(document: str | Sequence[str], cut: CutDocument) -> CutDocument:
    """Make one piece of a document."""
    text = document if isinstance(document, str) else " ".join(document)
    characters = np.array([[0, len(text)]], np.int32) if isinstance(document, str) else None
    return CutDocument(cut.ids, np.array([len(cut.ids)], np.int32), [text], characters, cut_places=cut.cut_places)


def _text_of(token: Token) -> str:
    return token.text or ""


def _characters_of(tokens: Sequence[Token]) -> IntArray | None:
    spans = [(token.idx, token.idx_end) for token in tokens]
    if any(start is None or end is None for start, end in spans):
        return None
    return np.array(spans, np.int32).reshape(-1, 2)
