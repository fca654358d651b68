"""Cut documents into wordpieces, and find the spans that get a vector.

text         "It is. So be it."
wordpieces   It is . So be it .
spans        0 ..... 1 ..........       by characters, by words, or from a splitter; they may overlap and nest
"""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from foldformer.embedding.cutting import CutDocument, Document, encode_word_lists
from foldformer.embedding.place_finder import PlaceFinder, offsets_of
from foldformer.embedding.spans import FoundSpans, IntArray, Spanned, spans_in_text, spans_in_words
from foldformer.text.splitters import CutPlaces, Splitter
from foldformer.text.wordpieces import encode_texts


class SpanCutter:
    """Cuts documents with one tokenizer for level "span".

    Args:
        tokenizer: The transformer's own.
        splitter: Finds the spans of documents that come without.
        places: Finds where documents may be cut into segments.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, splitter: Splitter | None, places: PlaceFinder) -> None:
        self._tokenizer = tokenizer
        self._splitter = splitter
        self._places = places

    def cut(self, documents: Sequence[Document]) -> list[CutDocument]:
        """Cut documents with as few calls of the tokenizer as possible.

        Raises:
            ValueError: A span goes beyond its document, or there are none; or text cannot be written as UTF-8.
        """
        bare = [each.document if isinstance(each, Spanned) else each for each in documents]
        given = [each.spans if isinstance(each, Spanned) else None for each in documents]
        texts = [each for each in bare if isinstance(each, str)]
        word_lists = [each for each in bare if not isinstance(each, str)]
        from_text = iter(encode_texts(self._tokenizer, texts))
        from_words = iter(encode_word_lists(self._tokenizer, word_lists))
        cut = []
        for document, spans in zip(bare, given, strict=True):
            if isinstance(document, str):
                encoded = next(from_text)
                offsets = offsets_of(encoded, "level", 'another level than "span"')
                found = spans_in_text(document, offsets, spans, self._splitter)
                cut.append(_as_cut(encoded.ids, found, self._places.in_text(document, encoded)))
            else:
                ids, lengths = next(from_words)
                found = spans_in_words(document, lengths, spans, self._splitter)
                cut.append(_as_cut(ids, found, self._places.in_words(document, lengths)))
        return cut


def _as_cut(ids: IntArray, found: FoundSpans, places: CutPlaces | None) -> CutDocument:
    lengths = found.wordpieces[:, 1] - found.wordpieces[:, 0]
    return CutDocument(ids, lengths, found.pieces, found.places, cut_places=places, spans=found.wordpieces)
