"""The characters of each token."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import torch
from overrides import overrides

from foldformer.config import ConfigurationError, NotNegative
from foldformer.data.padding import pad_to
from foldformer.data.token_indexer import IndexedTokenList, TokenIndexer
from foldformer.text import CharacterTokenizer, Token, Vocabulary


@TokenIndexer.register("characters")
class TokenCharactersIndexer(TokenIndexer):
    """Look up every character of each token in the vocabulary. Gives `token_characters`.

    Args:
        namespace: The vocabulary's namespace for characters.
        character_tokenizer: Cuts tokens into characters, or bytes, whose ids need no vocabulary.
        start_tokens: Put before every text.
        end_tokens: Put after every text.
        min_padding_length: Pad tokens to at least this many characters: the widest window of a convolution.
        token_min_padding_length: Pad to at least this many tokens.
    """

    def __init__(
        self,
        namespace: str = "token_characters",
        character_tokenizer: CharacterTokenizer | None = None,
        start_tokens: list[str] | None = None,
        end_tokens: list[str] | None = None,
        min_padding_length: NotNegative = 0,
        token_min_padding_length: NotNegative = 0,
    ) -> None:
        super().__init__(token_min_padding_length)
        self._namespace = namespace
        self._character_tokenizer = character_tokenizer or CharacterTokenizer()
        self._start_tokens = [Token(text) for text in start_tokens or []]
        self._end_tokens = [Token(text) for text in end_tokens or []]
        self._min_padding_length = min_padding_length

    @overrides
    def count_vocab_items(self, token: Token, counter: dict[str, dict[str, int]]) -> None:
        for character in self._characters(token):
            if character.text_id is None:
                counter[self._namespace][character.ensure_text()] += 1

    @overrides
    def tokens_to_indices(self, tokens: Sequence[Token], vocabulary: Vocabulary) -> IndexedTokenList:
        """Look up the characters of every token.

        Raises:
            ConfigurationError: A token has no text.
        """
        everything = chain(self._start_tokens, tokens, self._end_tokens)
        return {"token_characters": [self._indices(token, vocabulary) for token in everything]}

    @overrides
    def get_empty_token_list(self) -> IndexedTokenList:
        return {"token_characters": []}

    @overrides
    def get_padding_lengths(self, indexed_tokens: IndexedTokenList) -> dict[str, int]:
        tokens = indexed_tokens["token_characters"]
        return {
            "token_characters": max(len(tokens), self._token_min_padding_length),
            "num_token_characters": max([self._min_padding_length, *map(len, tokens)]),
        }

    @overrides
    def as_padded_tensor_dict(
        self, tokens: IndexedTokenList, padding_lengths: dict[str, int]
    ) -> dict[str, torch.Tensor]:
        """Pad tokens and their characters with 0. int64, (tokens, characters)"""
        num_tokens, width = padding_lengths["token_characters"], padding_lengths["num_token_characters"]
        rows = [pad_to(characters, width, 0) for characters in pad_to(tokens["token_characters"], num_tokens, [])]
        return {"token_characters": torch.tensor(rows, dtype=torch.long).reshape(num_tokens, width)}

    @overrides
    def _to_params(self) -> dict[str, Any]:
        return {
            "type": "characters",
            "namespace": self._namespace,
            "character_tokenizer": self._character_tokenizer,
            "start_tokens": [token.text for token in self._start_tokens],
            "end_tokens": [token.text for token in self._end_tokens],
            "min_padding_length": self._min_padding_length,
            "token_min_padding_length": self._token_min_padding_length,
        }

    def _indices(self, token: Token, vocabulary: Vocabulary) -> list[int]:
        return [
            vocabulary.get_token_index(character.ensure_text(), self._namespace)
            if character.text_id is None
            else character.text_id
            for character in self._characters(token)
        ]

    def _characters(self, token: Token) -> list[Token]:
        if token.text is None:
            raise ConfigurationError(
                f"characters: got a token without text (text_id {token.text_id}); expected tokens with their text"
            )
        return self._character_tokenizer.tokenize(token.text)
