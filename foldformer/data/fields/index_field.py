"""A place in a sequence."""

from typing import Any

import torch
from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data.fields.field import Field
from foldformer.data.fields.sequence_field import SequenceField


class IndexField(Field[torch.Tensor]):
    """The position of one element of another field. int64, (1,)

    Args:
        index: The position, from 0; -1 in a padded list.
        sequence_field: What it is a position in.

    Raises:
        ConfigurationError: `index` is no integer.
    """

    __slots__ = ("sequence_field", "sequence_index")

    def __init__(self, index: int, sequence_field: SequenceField[Any]) -> None:
        if not isinstance(index, int):
            raise ConfigurationError(
                f"IndexField: got the index {index!r} ({type(index).__name__}); expected an integer"
            )
        self.sequence_index = index
        self.sequence_field = sequence_field

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        return {}

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> torch.Tensor:  # noqa: ARG002
        return torch.tensor([self.sequence_index], dtype=torch.long)

    @overrides
    def empty_field(self) -> "IndexField":
        return IndexField(-1, _empty_sequence(self.sequence_field))

    @overrides
    def human_readable_repr(self) -> int:
        return self.sequence_index

    def __eq__(self, other: object) -> bool:
        return self.sequence_index == other if isinstance(other, int) else super().__eq__(other)

    __hash__ = None

    def __len__(self) -> int:
        return 1

    def __str__(self) -> str:
        return f"IndexField {self.sequence_index}"


def _empty_sequence(field: SequenceField[Any]) -> SequenceField[Any]:
    empty = field.empty_field()
    assert isinstance(empty, SequenceField), "an empty sequence is a sequence"
    return empty
