"""One label for a whole instance."""

import torch
from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data.fields.field import Field
from foldformer.data.fields.label_namespaces import warn_if_padded
from foldformer.text import Vocabulary


class LabelField(Field[torch.Tensor]):
    """One label, as an index. int64, ()

    Args:
        label: A string, or with `skip_indexing` the index itself, from 0.
        label_namespace: Namespace of the vocabulary.
        skip_indexing: `label` is an index already.

    Raises:
        ConfigurationError: `label` has the wrong type.
    """

    __slots__ = ("_label_id", "_label_namespace", "_skip_indexing", "label")

    def __init__(self, label: str | int, label_namespace: str = "labels", skip_indexing: bool = False) -> None:
        warn_if_padded(label_namespace)
        expected: type = int if skip_indexing else str
        if not isinstance(label, expected) or isinstance(label, bool):
            cure = "" if skip_indexing else "; pass skip_indexing=True if it is an index"
            raise ConfigurationError(
                f"LabelField in {label_namespace}: got the label {label!r} ({type(label).__name__}); expected "
                f"{'an integer' if skip_indexing else 'a string'}{cure}"
            )
        self.label = label
        self._label_namespace = label_namespace
        self._skip_indexing = skip_indexing
        self._label_id: int | None = int(label) if skip_indexing else None

    @overrides
    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        if not self._skip_indexing:
            counter[self._label_namespace][str(self.label)] += 1

    @overrides
    def index(self, vocab: Vocabulary) -> None:
        if not self._skip_indexing:
            self._label_id = vocab.get_token_index(str(self.label), self._label_namespace)

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        return {}

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> torch.Tensor:  # noqa: ARG002
        if self._label_id is None:
            raise ConfigurationError("LabelField: got no index; call index(vocabulary) before asking for tensors")
        return torch.tensor(self._label_id, dtype=torch.long)

    @overrides
    def empty_field(self) -> "LabelField":
        return LabelField(-1, self._label_namespace, skip_indexing=True)

    @overrides
    def human_readable_repr(self) -> str | int:
        return self.label

    def __len__(self) -> int:
        return 1

    def __str__(self) -> str:
        return f"LabelField {self.label!r} in the namespace {self._label_namespace!r}"
