"""One label for each element of a sequence."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data.fields.field import Field
from foldformer.data.fields.label_namespaces import warn_if_padded
from foldformer.data.fields.sequence_field import SequenceField
from foldformer.data.padding import pad_to
from foldformer.text import Vocabulary


class SequenceLabelField(Field[torch.Tensor]):
    """A label for each element of another field, padded with 0. int64, (elements,)

    Args:
        labels: All strings, or all indices.
        sequence_field: What is labelled, mostly a `TextField`.
        label_namespace: Namespace of the vocabulary.

    Raises:
        ConfigurationError: There is not one label an element, or strings and indices are mixed.
    """

    __slots__ = ("_indexed_labels", "_label_namespace", "_skip_indexing", "labels", "sequence_field")

    def __init__(
        self,
        labels: Sequence[str] | Sequence[int],
        sequence_field: SequenceField[Any],
        label_namespace: str = "labels",
    ) -> None:
        warn_if_padded(label_namespace)
        self.labels = labels
        self.sequence_field = sequence_field
        self._label_namespace = label_namespace
        length = sequence_field.sequence_length()
        if len(labels) != length:
            raise ConfigurationError(
                f"SequenceLabelField in {label_namespace}: got {len(labels)} labels for {length} elements; expected "
                "one label an element"
            )
        self._skip_indexing = all(isinstance(label, int) for label in labels)
        if not self._skip_indexing and not all(isinstance(label, str) for label in labels):
            types = ", ".join(sorted({type(label).__name__ for label in labels}))
            raise ConfigurationError(
                f"SequenceLabelField in {label_namespace}: got labels of the types {types}; expected all strings or "
                "all integers"
            )
        self._indexed_labels: list[int] | None = [int(label) for label in labels] if self._skip_indexing else None

    @overrides
    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        if not self._skip_indexing:
            for label in self.labels:
                counter[self._label_namespace][str(label)] += 1

    @overrides
    def index(self, vocab: Vocabulary) -> None:
        if not self._skip_indexing:
            self._indexed_labels = [vocab.get_token_index(str(label), self._label_namespace) for label in self.labels]

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        return {"num_tokens": self.sequence_field.sequence_length()}

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> torch.Tensor:
        if self._indexed_labels is None:
            raise ConfigurationError(
                "SequenceLabelField: got no indices; call index(vocabulary) before asking for tensors"
            )
        return torch.tensor(pad_to(self._indexed_labels, padding_lengths["num_tokens"], 0), dtype=torch.long)

    @overrides
    def empty_field(self) -> "SequenceLabelField":
        empty = self.sequence_field.empty_field()
        assert isinstance(empty, SequenceField), "an empty sequence is a sequence"
        no_labels: list[int] = []
        return SequenceLabelField(no_labels, empty, self._label_namespace)

    @overrides
    def human_readable_repr(self) -> list[str] | list[int]:
        return list(self.labels)  # type: ignore[return-value]

    def __iter__(self) -> Iterator[str | int]:
        return iter(self.labels)

    def __getitem__(self, position: int) -> str | int:
        return self.labels[position]

    def __len__(self) -> int:
        return len(self.labels)

    def __str__(self) -> str:
        return f"SequenceLabelField {list(self.labels)} in the namespace {self._label_namespace!r}"
