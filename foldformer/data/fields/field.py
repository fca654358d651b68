"""What every piece of an instance can do."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Generic, TypeVar

import torch
from typing_extensions import Self

from foldformer.text import Vocabulary

DataArray = TypeVar("DataArray")
"""What a field becomes: a tensor, or a dictionary or list of them."""


class Field(ABC, Generic[DataArray]):
    """One piece of an instance that ends up as a tensor: a text, a label, a list of either.

    A field is counted for the vocabulary, indexed with it, padded with the rest of its batch, and stacked.
    """

    __slots__ = ()

    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        """Add this field's strings to the counts of a vocabulary: namespace -> string -> count."""

    def index(self, vocab: Vocabulary) -> None:
        """Turn this field's strings into indices; changes the field."""

    @abstractmethod
    def get_padding_lengths(self) -> dict[str, int]:
        """Return the length of everything in this field that is padded in a batch; called after `index`."""

    @abstractmethod
    def as_tensor(self, padding_lengths: dict[str, int]) -> DataArray:
        """Pad to the lengths of the batch and make the tensor.

        Args:
            padding_lengths: By the keys of `get_padding_lengths`, the longest of the batch.
        """

    def empty_field(self) -> "Field[DataArray]":
        """Return what pads a list of such fields."""
        raise NotImplementedError(f"{type(self).__name__} cannot stand in a ListField: it has no empty_field")

    def batch_tensors(self, tensor_list: Sequence[DataArray]) -> Any:
        """Put the padded tensors of a batch together. (batch, ...)"""
        return torch.stack(list(tensor_list))  # type: ignore[arg-type]

    def human_readable_repr(self) -> Any:
        """Return what a person wants to see of this field, as plain JSON values."""
        raise NotImplementedError(f"{type(self).__name__} has no human_readable_repr")

    def duplicate(self) -> Self:
        """Copy the field."""
        return deepcopy(self)

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no length")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return _state(self) == _state(other)

    __hash__ = None  # type: ignore[assignment]  # fields change when they are indexed


def _state(field: Field[Any]) -> dict[str, Any]:
    """Collect the attributes, those in slots of any base class included."""
    slots = [name for cls in type(field).__mro__ for name in getattr(cls, "__slots__", ())]
    return {**{name: getattr(field, name) for name in slots}, **getattr(field, "__dict__", {})}
