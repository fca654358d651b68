"""A list of fields of one type."""

from collections.abc import Iterator, Sequence
from typing import Any

from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data.fields.field import DataArray, Field
from foldformer.data.fields.sequence_field import SequenceField
from foldformer.text import Vocabulary

_PREFIX = "list_"


class ListField(SequenceField[DataArray]):
    """Several fields of one type: the sentences of a document, the answers to a question.

    Its tensors are those of its fields with one more dimension in front. In a batch both the number of fields and
    everything in them is padded, to at least 1.

    Args:
        field_list: At least one field; their empty fields pad the list.

    Raises:
        ConfigurationError: There is no field, or they differ in type.
    """

    __slots__ = ("field_list",)

    def __init__(self, field_list: Sequence[Field[Any]]) -> None:
        types = sorted({type(field).__name__ for field in field_list})
        if len(types) != 1:
            raise ConfigurationError(
                f"ListField: got {' and '.join(types) or 'no fields'}; expected at least one field, and one type in all"
            )
        self.field_list = field_list

    @overrides
    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        for field in self.field_list:
            field.count_vocab_items(counter)

    @overrides
    def index(self, vocab: Vocabulary) -> None:
        for field in self.field_list:
            field.index(vocab)

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        longest = {"num_fields": len(self.field_list)}
        for field in self.field_list:
            for key, length in field.get_padding_lengths().items():
                longest[_PREFIX + key] = max(length, longest.get(_PREFIX + key, 1))
        return longest

    @overrides
    def sequence_length(self) -> int:
        return len(self.field_list)

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> DataArray:
        lengths = {key[len(_PREFIX) :]: n for key, n in padding_lengths.items() if key.startswith(_PREFIX)}
        num_fields = padding_lengths["num_fields"]
        num_missing = max(0, num_fields - len(self.field_list))
        padding = [self.field_list[0].empty_field()] * num_missing
        tensors = [field.as_tensor(lengths) for field in [*self.field_list[:num_fields], *padding]]
        batched: DataArray = self.field_list[0].batch_tensors(tensors)
        return batched

    @overrides
    def empty_field(self) -> "ListField[DataArray]":
        return ListField([self.field_list[0].empty_field()])

    @overrides
    def batch_tensors(self, tensor_list: Sequence[DataArray]) -> Any:
        return self.field_list[0].batch_tensors(tensor_list)

    @overrides
    def human_readable_repr(self) -> list[Any]:
        return [field.human_readable_repr() for field in self.field_list]

    def __iter__(self) -> Iterator[Field[Any]]:
        return iter(self.field_list)

    def __getitem__(self, position: int) -> Field[Any]:
        return self.field_list[position]

    def __len__(self) -> int:
        return len(self.field_list)

    def __str__(self) -> str:
        return "ListField" + "".join(f"\n\t\t{field}" for field in self.field_list)
