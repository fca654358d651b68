"""The characters of each token, as ELMo reads them."""

from collections.abc import Sequence
from typing import Any

import torch
from overrides import overrides

from foldformer.config import NotNegative
from foldformer.data.padding import pad_to
from foldformer.data.token_indexer import IndexedTokenList, TokenIndexer
from foldformer.nn.elmo.characters import MAX_WORD_LENGTH, ELMoCharacterMapper
from foldformer.text import Token, Vocabulary


@TokenIndexer.register("elmo_characters")
class ELMoTokenCharactersIndexer(TokenIndexer):
    """Turn each token into 50 ids of bytes and marks; no vocabulary is needed. Gives `elmo_tokens`.

    Args:
        namespace: Not used; there because AllenNLP has it.
        tokens_to_add: By token, an id of its own, which stands for the whole token; best one that no text has, 1 to 31.
        token_min_padding_length: Pad to at least this many tokens.
    """

    def __init__(
        self,
        namespace: str = "elmo_characters",
        tokens_to_add: dict[str, NotNegative] | None = None,
        token_min_padding_length: NotNegative = 0,
    ) -> None:
        super().__init__(token_min_padding_length)
        self._namespace = namespace
        self._mapper = ELMoCharacterMapper(tokens_to_add)

    @overrides
    def count_vocab_items(self, token: Token, counter: dict[str, dict[str, int]]) -> None:
        pass

    @overrides
    def tokens_to_indices(self, tokens: Sequence[Token], vocabulary: Vocabulary) -> IndexedTokenList:  # noqa: ARG002
        """Turn every token into its ids.

        Raises:
            ValueError: A token has no text.
        """
        return {"elmo_tokens": [self._mapper.convert_word_to_char_ids(token.ensure_text()) for token in tokens]}

    @overrides
    def get_empty_token_list(self) -> IndexedTokenList:
        return {"elmo_tokens": []}

    @overrides
    def as_padded_tensor_dict(
        self, tokens: IndexedTokenList, padding_lengths: dict[str, int]
    ) -> dict[str, torch.Tensor]:
        """Pad with tokens of zeros. int64, (tokens, 50)"""
        length = padding_lengths["elmo_tokens"]
        rows = pad_to(tokens["elmo_tokens"], length, [0] * MAX_WORD_LENGTH)
        return {"elmo_tokens": torch.tensor(rows, dtype=torch.long).reshape(length, MAX_WORD_LENGTH)}

    @overrides
    def _to_params(self) -> dict[str, Any]:
        return {
            "type": "elmo_characters",
            "namespace": self._namespace,
            "tokens_to_add": self._mapper.tokens_to_add,
            "token_min_padding_length": self._token_min_padding_length,
        }
