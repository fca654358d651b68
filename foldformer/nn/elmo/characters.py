"""Words as ELMo reads them: fifty ids a word, most of them bytes."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

MAX_WORD_LENGTH = 50
_START, _STOP, _WORD_START, _WORD_STOP, _PADDING = range(256, 261)


def _framed(content: Sequence[int]) -> list[int]:
    """Mark where a word begins and ends, and pad it."""
    framed = [_WORD_START, *content, _WORD_STOP]
    return framed + [_PADDING] * (MAX_WORD_LENGTH - len(framed))


class ELMoCharacterMapper:
    """Turn a word into the ids of its UTF-8 bytes, between the ids of a word's beginning and end.

    ```
    word          f    o    x
    ids     259  103  112  121  260  261 ... 261         each one higher than its byte, for 0 pads whole words
    ```

    A word of more than 48 bytes loses the rest.

    Args:
        tokens_to_add: By word, an id of its own, which stands for the whole word; best one that no text has, 1 to 31.
    """

    max_word_length = MAX_WORD_LENGTH
    beginning_of_sentence_character = _START
    end_of_sentence_character = _STOP
    beginning_of_word_character = _WORD_START
    end_of_word_character = _WORD_STOP
    padding_character = _PADDING
    beginning_of_sentence_characters = _framed([_START])
    end_of_sentence_characters = _framed([_STOP])
    bos_token = "<S>"
    eos_token = "</S>"

    def __init__(self, tokens_to_add: Mapping[str, int] | None = None) -> None:
        self.tokens_to_add = dict(tokens_to_add or {})

    def convert_word_to_char_ids(self, word: str) -> list[int]:
        """Return the ids of a word, 50 of them, from 1 on."""
        return [number + 1 for number in _framed(self._content(word))]

    def _content(self, word: str) -> Sequence[int]:
        if word in self.tokens_to_add:
            return [self.tokens_to_add[word]]
        if word == self.bos_token:
            return [_START]
        if word == self.eos_token:
            return [_STOP]
        return word.encode("utf-8", "ignore")[: MAX_WORD_LENGTH - 2]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # its words may change


def batch_to_ids(batch: Sequence[Sequence[str]]) -> Tensor:
    """Turn sentences into the ids that ELMo takes.

    Args:
        batch: The words of each sentence.

    Returns:
        Ids, int64, 0 where padded. (batch, longest sentence, 50)
    """
    mapper = ELMoCharacterMapper()
    ids = torch.zeros(len(batch), max(map(len, batch), default=0), MAX_WORD_LENGTH, dtype=torch.long)
    for row, sentence in zip(ids, batch, strict=True):
        for place, word in enumerate(sentence):
            row[place] = torch.tensor(mapper.convert_word_to_char_ids(word))
    return ids
