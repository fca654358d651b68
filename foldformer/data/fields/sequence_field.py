"""Fields with a length that others refer to."""

from abc import abstractmethod

from foldformer.data.fields.field import DataArray, Field


class SequenceField(Field[DataArray]):
    """A field that is a sequence, so that labels and indices can belong to its elements."""

    __slots__ = ()

    @abstractmethod
    def sequence_length(self) -> int:
        """Count the elements."""
