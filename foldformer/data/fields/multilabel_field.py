"""Any number of labels for a whole instance."""

from collections.abc import Sequence

import torch
from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data.fields.field import Field
from foldformer.data.fields.label_namespaces import warn_if_padded
from foldformer.text import Vocabulary


class MultiLabelField(Field[torch.Tensor]):
    """A set of labels, as 1 at their indices and 0 elsewhere. int64, (labels of the namespace,)

    Args:
        labels: Strings, or with `skip_indexing` the indices themselves, from 0.
        label_namespace: Namespace of the vocabulary.
        skip_indexing: `labels` are indices already.
        num_labels: Width of the tensor; the size of the namespace unless given. Needed with `skip_indexing`.

    Raises:
        ConfigurationError: A label has the wrong type or is not below `num_labels`, or `num_labels` is missing.
    """

    __slots__ = ("_label_ids", "_label_namespace", "_num_labels", "labels")

    def __init__(
        self,
        labels: Sequence[str | int],
        label_namespace: str = "labels",
        skip_indexing: bool = False,
        num_labels: int | None = None,
    ) -> None:
        warn_if_padded(label_namespace)
        self.labels = labels
        self._label_namespace = label_namespace
        self._num_labels = num_labels
        self._label_ids: list[int] | None = None
        if skip_indexing:
            self._label_ids = [self._checked_index(label) for label in labels]
        elif not all(isinstance(label, str) for label in labels):
            raise ConfigurationError(
                f"MultiLabelField in {label_namespace}: got the labels {list(labels)}; expected strings; pass "
                "skip_indexing=True and num_labels if they are indices"
            )

    def _checked_index(self, label: str | int) -> int:
        if self._num_labels is None or not isinstance(label, int) or not 0 <= label < self._num_labels:
            below = "num_labels, which is missing" if self._num_labels is None else f"num_labels={self._num_labels}"
            raise ConfigurationError(
                f"MultiLabelField in {self._label_namespace}: got the label {label!r} with skip_indexing; expected an "
                f"integer from 0 and below {below}"
            )
        return label

    @overrides
    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        if self._label_ids is None:
            for label in self.labels:
                counter[self._label_namespace][str(label)] += 1

    @overrides
    def index(self, vocab: Vocabulary) -> None:
        if self._label_ids is None:
            self._label_ids = [vocab.get_token_index(str(label), self._label_namespace) for label in self.labels]
        if self._num_labels is None:
            self._num_labels = vocab.get_vocab_size(self._label_namespace)

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        return {}

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> torch.Tensor:  # noqa: ARG002
        if self._num_labels is None:
            raise ConfigurationError(
                "MultiLabelField: got no indices; call index(vocabulary) before asking for tensors"
            )
        tensor = torch.zeros(self._num_labels, dtype=torch.long)
        tensor[self._label_ids or []] = 1
        return tensor

    @overrides
    def empty_field(self) -> "MultiLabelField":
        return MultiLabelField([], self._label_namespace, skip_indexing=True, num_labels=self._num_labels)

    @overrides
    def human_readable_repr(self) -> list[str | int]:
        return list(self.labels)

    def __len__(self) -> int:
        return 1

    def __str__(self) -> str:
        return f"MultiLabelField {list(self.labels)} in the namespace {self._label_namespace!r}"
