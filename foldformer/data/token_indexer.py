"""How tokens become numbers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch

from foldformer.config import Registrable
from foldformer.data.padding import pad_to
from foldformer.text import Token, Vocabulary

IndexedTokenList = dict[str, list[Any]]
"""What a token embedder takes, before padding: argument name -> list."""


class TokenIndexer(ABC, Registrable):
    """Turns tokens into lists of indices, and these into padded tensors.

    The keys of both are the argument names of the token embedder that takes them.

    Args:
        token_min_padding_length: Pad to at least this many tokens, for encoders with a widest window.
    """

    default_implementation = "single_id"

    def __init__(self, token_min_padding_length: int = 0) -> None:
        self._token_min_padding_length = token_min_padding_length

    @abstractmethod
    def count_vocab_items(self, token: Token, counter: dict[str, dict[str, int]]) -> None:
        """Add what this indexer looks up for a token to the counts: namespace -> string -> count."""

    @abstractmethod
    def tokens_to_indices(self, tokens: Sequence[Token], vocabulary: Vocabulary) -> IndexedTokenList:
        """Turn tokens into lists of indices."""

    def indices_to_tokens(self, indexed_tokens: IndexedTokenList, vocabulary: Vocabulary) -> list[Token]:
        """Turn indices back into tokens."""
        raise NotImplementedError(f"{type(self).__name__} cannot turn indices back into tokens")

    @abstractmethod
    def get_empty_token_list(self) -> IndexedTokenList:
        """Return what `tokens_to_indices` would give for nothing at all; pads lists of texts."""

    def get_padding_lengths(self, indexed_tokens: IndexedTokenList) -> dict[str, int]:
        """Return the length of every list, at least `token_min_padding_length`."""
        return {key: max(len(items), self._token_min_padding_length) for key, items in indexed_tokens.items()}

    def as_padded_tensor_dict(
        self, tokens: IndexedTokenList, padding_lengths: dict[str, int]
    ) -> dict[str, torch.Tensor]:
        """Pad every list to its length and make tensors: booleans with False, integers with 0."""
        return {
            key: as_bool_tensor(items, padding_lengths[key])
            if items and isinstance(items[0], bool)
            else as_long_tensor(items, padding_lengths[key], 0)
            for key, items in tokens.items()
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # its attributes may change


def as_bool_tensor(items: Sequence[bool], length: int) -> torch.Tensor:
    """Pad with False. bool, (length,)"""
    return torch.tensor(pad_to(items, length, False), dtype=torch.bool)


def as_long_tensor(items: Sequence[int], length: int, padding: int) -> torch.Tensor:
    """Pad with `padding`. int64, (length,)"""
    return torch.tensor(pad_to(items, length, padding), dtype=torch.long)
