"""Edges between the elements of a sequence."""

from collections.abc import Sequence
from typing import Any

import torch
from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data.fields.field import Field
from foldformer.data.fields.label_namespaces import warn_if_padded
from foldformer.data.fields.sequence_field import SequenceField
from foldformer.text import Vocabulary


class AdjacencyField(Field[torch.Tensor]):
    """Edges, labelled or not, as a matrix: the label's index, or 1, where there is one. float32, (elements, elements)

    Args:
        indices: Source and target of every edge.
        sequence_field: What the edges run between.
        labels: One an edge; none for a matrix of ones.
        label_namespace: Namespace of the vocabulary.
        padding_value: Stands where there is no edge, and in padding.

    Raises:
        ConfigurationError: An edge occurs twice or leaves the sequence, or there is not one label an edge.
    """

    __slots__ = ("_indexed_labels", "_label_namespace", "_padding_value", "indices", "labels", "sequence_field")

    def __init__(
        self,
        indices: Sequence[tuple[int, int]],
        sequence_field: SequenceField[Any],
        labels: Sequence[str] | None = None,
        label_namespace: str = "labels",
        padding_value: int = -1,
    ) -> None:
        warn_if_padded(label_namespace)
        length = sequence_field.sequence_length()
        if len(set(indices)) != len(indices):
            raise ConfigurationError(f"AdjacencyField: got {list(indices)}; expected every edge once")
        for edge in indices:
            if not all(0 <= end < length for end in edge):
                raise ConfigurationError(
                    f"AdjacencyField: got the edge {edge} in a sequence of {length}; expected positions from 0 and "
                    f"below {length}"
                )
        if labels is not None and len(labels) != len(indices):
            raise ConfigurationError(
                f"AdjacencyField: got {len(labels)} labels for {len(indices)} edges; expected one label an edge"
            )
        self.indices = indices
        self.labels = labels
        self.sequence_field = sequence_field
        self._label_namespace = label_namespace
        self._padding_value = padding_value
        self._indexed_labels: list[int] | None = None if labels is not None else [1] * len(indices)

    @overrides
    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        for label in self.labels or ():
            counter[self._label_namespace][label] += 1

    @overrides
    def index(self, vocab: Vocabulary) -> None:
        if self.labels is not None:
            self._indexed_labels = [vocab.get_token_index(label, self._label_namespace) for label in self.labels]

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        return {"num_tokens": self.sequence_field.sequence_length()}

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> torch.Tensor:
        if self._indexed_labels is None:
            raise ConfigurationError("AdjacencyField: got no indices; call index(vocabulary) before asking for tensors")
        size = padding_lengths["num_tokens"]
        matrix = torch.full((size, size), float(self._padding_value))
        for edge, label in zip(self.indices, self._indexed_labels, strict=True):
            matrix[edge] = label
        return matrix

    @overrides
    def empty_field(self) -> "AdjacencyField":
        empty = self.sequence_field.empty_field()
        assert isinstance(empty, SequenceField), "an empty sequence is a sequence"
        return AdjacencyField([], empty, padding_value=self._padding_value)

    @overrides
    def human_readable_repr(self) -> dict[str, Any]:
        edges: dict[str, Any] = {"indices": list(self.indices)}
        return edges if self.labels is None else {**edges, "labels": list(self.labels)}

    def __len__(self) -> int:
        return self.sequence_field.sequence_length()

    def __str__(self) -> str:
        return f"AdjacencyField {self.human_readable_repr()} in the namespace {self._label_namespace!r}"
