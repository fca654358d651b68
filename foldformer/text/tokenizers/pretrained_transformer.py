"""The tokenizer that belongs to a pretrained transformer."""

from collections.abc import Mapping, Sequence
from typing import Any

from overrides import overrides
from transformers import PreTrainedTokenizerBase

from foldformer.config import AtLeastOne
from foldformer.text.pretrained import load_tokenizer
from foldformer.text.special_tokens import (
    SpecialToken,
    SpecialTokens,
    check_max_length,
    find_special_tokens,
)
from foldformer.text.token import Token
from foldformer.text.tokenizers.tokenizer import Tokenizer
from foldformer.text.wordpieces import encode_framed, encode_sentence, first_bad, word_offsets

WordOffsets = list[tuple[int, int] | None]
"""Inclusive first and last wordpiece of each word; None for a word that the tokenizer drops."""


@Tokenizer.register("pretrained_transformer")
class PretrainedTransformerTokenizer(Tokenizer):
    """Split a text into the wordpieces of a pretrained transformer, with their ids.

    Args:
        model_name: Folder or name of the transformer.
        add_special_tokens: Let `tokenize` put special tokens around each text.
        max_length: Truncate each text to this many wordpieces, special tokens included.
        tokenizer_kwargs: Handed to the loading of the tokenizer, for instance `revision`.
        verification_tokens: Two texts to find the special tokens with, where these are not found without.

    Attributes:
        tokenizer: The tokenizer as transformers has it; shared with others, so not to be changed.
        special_tokens: What it adds to one sequence and to a pair.

    Raises:
        ConfigurationError: No such model, or `max_length` leaves no room beside the special tokens.
        ValueError: The special tokens cannot be found with the probes.
    """

    def __init__(
        self,
        model_name: str,
        add_special_tokens: bool = True,
        max_length: AtLeastOne | None = None,
        tokenizer_kwargs: Mapping[str, Any] | None = None,
        verification_tokens: tuple[str, str] | None = None,
    ) -> None:
        self._model_name = model_name
        self._add_special_tokens = add_special_tokens
        self._max_length = max_length
        self._tokenizer_kwargs = dict(tokenizer_kwargs or {})
        self.tokenizer: PreTrainedTokenizerBase = load_tokenizer(model_name, **self._tokenizer_kwargs)
        self.special_tokens: SpecialTokens = find_special_tokens(self.tokenizer, verification_tokens)
        self._verification_tokens = verification_tokens
        check_max_length(max_length, self.special_tokens.num_single if add_special_tokens else 0)

    @overrides
    def tokenize(self, text: str) -> list[Token]:
        return self.batch_tokenize([text])[0]

    @overrides
    def batch_tokenize(self, texts: Sequence[str]) -> list[list[Token]]:
        if not texts:
            return []
        try:
            encoded = encode_framed(self.tokenizer, texts, add_special_tokens=self._add_special_tokens)
        except (TypeError, UnicodeEncodeError) as error:
            raise ValueError(f"{first_bad(texts)}; expected text that can be written as UTF-8") from error
        return [self._truncated(self._tokens(text.ids, text.type_ids, text.offsets)) for text in encoded]

    def intra_word_tokenize(self, string_tokens: Sequence[str]) -> tuple[list[Token], WordOffsets]:
        """Cut each word into wordpieces by itself, and put special tokens around the whole.

        Returns:
            The wordpieces with special tokens, and each word's inclusive first and last wordpiece among them, or None.
        """
        special = self.special_tokens
        wordpieces, offsets = self._cut_words(string_tokens, special.single_type_id, len(special.single_start))
        return _as_tokens(special.single_start) + wordpieces + _as_tokens(special.single_end), offsets

    def intra_word_tokenize_sentence_pair(
        self, string_tokens_a: Sequence[str], string_tokens_b: Sequence[str]
    ) -> tuple[list[Token], WordOffsets, WordOffsets]:
        """Cut each word of a sentence pair into wordpieces by itself, and put special tokens around and between.

        Returns:
            The wordpieces of the pair with special tokens, and the offsets of the words of each sentence among them.
        """
        special = self.special_tokens
        start = _as_tokens(special.pair_start)
        first, offsets_a = self._cut_words(string_tokens_a, special.pair_first_type_id, len(start))
        start += first + _as_tokens(special.pair_mid)
        second, offsets_b = self._cut_words(string_tokens_b, special.pair_second_type_id, len(start))
        return start + second + _as_tokens(special.pair_end), offsets_a, offsets_b

    @overrides
    def add_special_tokens(self, tokens1: list[Token], tokens2: list[Token] | None = None) -> list[Token]:
        special = self.special_tokens
        if tokens2 is None:
            return (
                _as_tokens(special.single_start)
                + _with_type_id(tokens1, special.single_type_id)
                + _as_tokens(special.single_end)
            )
        return (
            _as_tokens(special.pair_start)
            + _with_type_id(tokens1, special.pair_first_type_id)
            + _as_tokens(special.pair_mid)
            + _with_type_id(tokens2, special.pair_second_type_id)
            + _as_tokens(special.pair_end)
        )

    @overrides
    def num_special_tokens_for_sequence(self) -> int:
        return self.special_tokens.num_single

    @overrides
    def num_special_tokens_for_pair(self) -> int:
        return self.special_tokens.num_pair

    @property
    def single_sequence_start_tokens(self) -> list[Token]:
        """Special tokens before one sequence."""
        return _as_tokens(self.special_tokens.single_start)

    @property
    def single_sequence_end_tokens(self) -> list[Token]:
        """Special tokens after one sequence."""
        return _as_tokens(self.special_tokens.single_end)

    @property
    def single_sequence_token_type_id(self) -> int:
        """Type id of the wordpieces of one sequence."""
        return self.special_tokens.single_type_id

    @property
    def sequence_pair_start_tokens(self) -> list[Token]:
        """Special tokens before a pair."""
        return _as_tokens(self.special_tokens.pair_start)

    @property
    def sequence_pair_mid_tokens(self) -> list[Token]:
        """Special tokens between the sequences of a pair."""
        return _as_tokens(self.special_tokens.pair_mid)

    @property
    def sequence_pair_end_tokens(self) -> list[Token]:
        """Special tokens after a pair."""
        return _as_tokens(self.special_tokens.pair_end)

    @property
    def sequence_pair_first_token_type_id(self) -> int:
        """Type id of the wordpieces of the first sequence of a pair."""
        return self.special_tokens.pair_first_type_id

    @property
    def sequence_pair_second_token_type_id(self) -> int:
        """Type id of the wordpieces of the second sequence of a pair."""
        return self.special_tokens.pair_second_type_id

    @overrides
    def _to_params(self) -> dict[str, Any]:
        return {
            "type": "pretrained_transformer",
            "model_name": self._model_name,
            "add_special_tokens": self._add_special_tokens,
            "max_length": self._max_length,
            "tokenizer_kwargs": self._tokenizer_kwargs,
            "verification_tokens": self._verification_tokens,
        }

    def _truncated(self, tokens: list[Token]) -> list[Token]:
        """Cut wordpieces off before the special tokens, on the side where the tokenizer does."""
        if self._max_length is None or len(tokens) <= self._max_length:
            return tokens
        start = len(self.special_tokens.single_start) if self._add_special_tokens else 0
        end = len(tokens) - (len(self.special_tokens.single_end) if self._add_special_tokens else 0)
        surplus = slice(self._max_length - len(tokens) + end, end)
        if self.tokenizer.truncation_side == "left":
            surplus = slice(start, start + len(tokens) - self._max_length)
        return tokens[: surplus.start] + tokens[surplus.stop :]

    def _tokens(self, ids: list[int], type_ids: list[int], offsets: list[tuple[int, int]]) -> list[Token]:
        texts = self.tokenizer.convert_ids_to_tokens(ids)
        return [
            Token(text, text_id=i, type_id=type_id, idx=start, idx_end=end)
            if start < end
            else Token(text, text_id=i, type_id=type_id)
            for text, i, type_id, (start, end) in zip(texts, ids, type_ids, offsets, strict=True)
        ]

    def _cut_words(self, words: Sequence[str], type_id: int, position: int) -> tuple[list[Token], WordOffsets]:
        """Return the wordpieces, and the words' offsets when the first wordpiece stands at `position`."""
        ids, word_of_wordpiece = encode_sentence(self.tokenizer, words)
        texts = self.tokenizer.convert_ids_to_tokens(ids)
        tokens = [Token(text, text_id=i, type_id=type_id) for text, i in zip(texts, ids, strict=True)]
        return tokens, word_offsets(word_of_wordpiece, len(words), position, none=None)


def _as_tokens(special: Sequence[SpecialToken]) -> list[Token]:
    return [Token(token.text, text_id=token.id, type_id=token.type_id) for token in special]


def _with_type_id(tokens: Sequence[Token], type_id: int) -> list[Token]:
    """Copy the tokens with another type id."""
    return [
        Token(t.text, t.idx, t.idx_end, t.lemma_, t.pos_, t.tag_, t.dep_, t.ent_type_, t.text_id, type_id)
        for t in tokens
    ]
