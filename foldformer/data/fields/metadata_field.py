"""What travels with an instance and never becomes a tensor."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from overrides import overrides

from foldformer.data.fields.field import Field


class MetadataField(Field[Any], Mapping[str, Any]):
    """Anything a model wants to see beside its tensors: ids, original words. A batch gets the list of them.

    Args:
        metadata: Any object; a dictionary can be read through the field itself.
    """

    __slots__ = ("metadata",)

    def __init__(self, metadata: Any) -> None:
        self.metadata = metadata

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        return {}

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> Any:  # noqa: ARG002
        return self.metadata

    @overrides
    def empty_field(self) -> "MetadataField":
        return MetadataField(None)

    @overrides
    def batch_tensors(self, tensor_list: Sequence[Any]) -> list[Any]:
        return list(tensor_list)

    @overrides
    def human_readable_repr(self) -> Any:
        inner = getattr(self.metadata, "human_readable_repr", None)
        return inner() if callable(inner) else self.metadata

    def __getitem__(self, key: str) -> Any:
        return self._dictionary()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._dictionary())

    def __len__(self) -> int:
        return len(self._dictionary())

    def __str__(self) -> str:
        return f"MetadataField with a {type(self.metadata).__name__} in .metadata"

    def _dictionary(self) -> Any:
        if not hasattr(self.metadata, "__getitem__"):
            raise TypeError(f"MetadataField: got a {type(self.metadata).__name__}; expected a dictionary to read")
        return self.metadata
