"""Text, as one or several indexers see it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy, deepcopy

import torch
from overrides import overrides
from typing_extensions import Self

from foldformer.config import ConfigurationError
from foldformer.data.fields.sequence_field import SequenceField
from foldformer.data.token_indexer import IndexedTokenList, TokenIndexer
from foldformer.text import Token, Vocabulary

TextFieldTensors = dict[str, dict[str, torch.Tensor]]
"""Indexer name -> tensor name -> tensor."""

_SEPARATOR = "___"


class TextField(SequenceField[TextFieldTensors]):
    """A list of tokens that one or several indexers turn into tensors.

    Args:
        tokens: The text; spaCy's tokens serve as well.
        token_indexers: By name; the names are those of the token embedders. None until a reader sets them, so that the
            instances of a worker process travel without their indexers.

    Raises:
        ConfigurationError: Something among `tokens` is no token.
    """

    __slots__ = ("_indexed_tokens", "_token_indexers", "tokens")

    def __init__(self, tokens: Sequence[Token], token_indexers: Mapping[str, TokenIndexer] | None = None) -> None:
        self.tokens = tokens
        self._token_indexers = token_indexers
        self._indexed_tokens: dict[str, IndexedTokenList] | None = None
        for position, token in enumerate(tokens):
            if not isinstance(token, Token) and not hasattr(token, "text"):
                raise ConfigurationError(
                    f"TextField: got {token!r} ({type(token).__name__}) at position {position}; expected a Token; "
                    "a tokenizer makes them from a string, Token(word) from a word"
                )

    @property
    def token_indexers(self) -> Mapping[str, TokenIndexer]:
        """The indexers by name.

        Raises:
            ValueError: They were not set.
        """
        if self._token_indexers is None:
            raise ValueError(
                "TextField: got no token_indexers; expected them before counting or indexing: the dataset reader's "
                "apply_token_indexers(instance) sets them"
            )
        return self._token_indexers

    @token_indexers.setter
    def token_indexers(self, token_indexers: Mapping[str, TokenIndexer]) -> None:
        self._token_indexers = token_indexers

    @overrides
    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        for indexer in self.token_indexers.values():
            for token in self.tokens:
                indexer.count_vocab_items(token, counter)

    @overrides
    def index(self, vocab: Vocabulary) -> None:
        self._indexed_tokens = {
            name: indexer.tokens_to_indices(self.tokens, vocab) for name, indexer in self.token_indexers.items()
        }

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        indexed = self._indexed()
        return {
            f"{name}{_SEPARATOR}{key}": length
            for name, indexer in self.token_indexers.items()
            for key, length in indexer.get_padding_lengths(indexed[name]).items()
        }

    @overrides
    def sequence_length(self) -> int:
        return len(self.tokens)

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> TextFieldTensors:
        indexed = self._indexed()
        lengths: dict[str, dict[str, int]] = defaultdict(dict)
        for name_and_key, length in padding_lengths.items():
            name, _, key = name_and_key.rpartition(_SEPARATOR)
            lengths[name][key] = length
        return {
            name: indexer.as_padded_tensor_dict(indexed[name], lengths[name])
            for name, indexer in self.token_indexers.items()
        }

    @overrides
    def empty_field(self) -> "TextField":
        field = TextField([], self._token_indexers)
        indexers = self._token_indexers or {}
        field._indexed_tokens = {name: indexer.get_empty_token_list() for name, indexer in indexers.items()}
        return field

    @overrides
    def batch_tensors(self, tensor_list: Sequence[TextFieldTensors]) -> TextFieldTensors:
        return {
            name: {key: torch.stack([tensors[name][key] for tensors in tensor_list]) for key in tensor_list[0][name]}
            for name in tensor_list[0]
        }

    @overrides
    def human_readable_repr(self) -> list[str]:
        return [str(token) for token in self.tokens]

    @overrides
    def duplicate(self) -> Self:
        """Copy the field; the indexers, which hold whole tokenizers, are shared."""
        field = copy(self)
        field.tokens = deepcopy(self.tokens)
        field._indexed_tokens = deepcopy(self._indexed_tokens)
        return field

    def _indexed(self) -> dict[str, IndexedTokenList]:
        if self._indexed_tokens is None:
            raise ConfigurationError("TextField: got no indices; call index(vocabulary) before asking for tensors")
        return self._indexed_tokens

    def __iter__(self) -> Iterator[Token]:
        return iter(self.tokens)

    def __getitem__(self, position: int) -> Token:
        return self.tokens[position]

    def __len__(self) -> int:
        return len(self.tokens)

    def __str__(self) -> str:
        names = {name: type(indexer).__name__ for name, indexer in (self._token_indexers or {}).items()}
        return f"TextField with {len(self.tokens)} tokens {self.tokens} and indexers {names}"
