"""Where documents may be cut into segments, if a cut asks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from foldformer.choices import Cut
from foldformer.config import ConfigurationError
from foldformer.text.splitters import CutPlaces, Splitter
from foldformer.text.splitters.cut_places import places_in_text, places_in_words
from foldformer.text.wordpieces import EncodedText


class PlaceFinder:
    """Finds them for cuts at words and sentences; other cuts need none.

    Args:
        cut: Where documents may be cut.
        sentence_splitter: Finds sentences, for that cut.
    """

    def __init__(self, cut: Cut, sentence_splitter: Splitter | None) -> None:
        self.is_asked = cut in ("word", "sentence")
        self._splitter = sentence_splitter

    def in_text(self, text: str, encoded: EncodedText) -> CutPlaces | None:
        """Find them in running text.

        Raises:
            ConfigurationError: The tokenizer does not tell where its wordpieces stand.
        """
        if not self.is_asked:
            return None
        return places_in_text(text, offsets_of(encoded, "cut", 'cut "wordpiece" or "even"'), self._splitter)

    def in_words(self, words: Sequence[str], lengths: NDArray[np.int32]) -> CutPlaces | None:
        """Find them in a list of words."""
        return places_in_words(words, lengths, self._splitter) if self.is_asked else None


def offsets_of(encoded: EncodedText, option: str, instead: str) -> NDArray[np.int32]:
    """Return the characters of the wordpieces of a text.

    Raises:
        ConfigurationError: The tokenizer does not tell.
    """
    if encoded.offsets is None:
        raise ConfigurationError(
            f"{option}: this tokenizer does not tell the characters of its wordpieces, which are needed; expected "
            f"{instead}, or lists of words"
        )
    return encoded.offsets
