"""Tokens of one side, as the other side's vocabulary knows them."""

from collections.abc import Sequence
from typing import Any

import torch
from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data.fields.field import Field
from foldformer.data.padding import pad_to
from foldformer.text import Token, Vocabulary


class NamespaceSwappingField(Field[torch.Tensor]):
    """Index source tokens in the target's namespace, for decoders that copy. int64, (tokens,)

    Args:
        source_tokens: What to look up; nothing is counted.
        target_namespace: Namespace of the vocabulary.
    """

    __slots__ = ("_mapping_array", "_source_tokens", "_target_namespace")

    def __init__(self, source_tokens: Sequence[Token], target_namespace: str) -> None:
        self._source_tokens = source_tokens
        self._target_namespace = target_namespace
        self._mapping_array: list[int] | None = None

    @overrides
    def index(self, vocab: Vocabulary) -> None:
        self._mapping_array = [
            vocab.get_token_index(token.ensure_text(), self._target_namespace) for token in self._source_tokens
        ]

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        return {"num_tokens": len(self._source_tokens)}

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> torch.Tensor:
        if self._mapping_array is None:
            raise ConfigurationError(
                "NamespaceSwappingField: got no indices; call index(vocabulary) before asking for tensors"
            )
        return torch.tensor(pad_to(self._mapping_array, padding_lengths["num_tokens"], 0), dtype=torch.long)

    @overrides
    def empty_field(self) -> "NamespaceSwappingField":
        field = NamespaceSwappingField([], self._target_namespace)
        field._mapping_array = []
        return field

    @overrides
    def human_readable_repr(self) -> dict[str, Any]:
        return {
            "source_tokens": [str(token) for token in self._source_tokens],
            "target_namespace": self._target_namespace,
        }

    def __len__(self) -> int:
        return len(self._source_tokens)
