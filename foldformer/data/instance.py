"""One example: named fields."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from foldformer.data.fields.field import Field
from foldformer.text import Vocabulary


class Instance(Mapping[str, Field[Any]]):
    """One example as a mapping from names to fields, inputs and outputs alike.

    Args:
        fields: By the argument names of the model that takes them.
    """

    __slots__ = ("fields", "indexed")

    def __init__(self, fields: MutableMapping[str, Field[Any]]) -> None:
        self.fields = fields
        self.indexed = False

    def add_field(self, field_name: str, field: Field[Any], vocab: Vocabulary | None = None) -> None:
        """Add a field; it is indexed at once if the instance was indexed before and a vocabulary is given."""
        self.fields[field_name] = field
        if self.indexed and vocab is not None:
            field.index(vocab)

    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        """Add the strings of all fields to the counts of a vocabulary: namespace -> string -> count."""
        for field in self.fields.values():
            field.count_vocab_items(counter)

    def index_fields(self, vocab: Vocabulary) -> None:
        """Index every field, once; later calls do nothing, with whatever vocabulary."""
        if not self.indexed:
            for field in self.fields.values():
                field.index(vocab)
            self.indexed = True

    def get_padding_lengths(self) -> dict[str, dict[str, int]]:
        """Return every field's padding lengths by its name."""
        return {name: field.get_padding_lengths() for name, field in self.fields.items()}

    def as_tensor_dict(self, padding_lengths: dict[str, dict[str, int]] | None = None) -> dict[str, Any]:
        """Make every field's tensor, padded to the given lengths or to the instance's own."""
        lengths = padding_lengths or self.get_padding_lengths()
        return {name: field.as_tensor(lengths[name]) for name, field in self.fields.items()}

    def duplicate(self) -> "Instance":
        """Copy the instance and its fields."""
        copy = Instance({name: field.duplicate() for name, field in self.fields.items()})
        copy.indexed = self.indexed
        return copy

    def human_readable_dict(self) -> dict[str, Any]:
        """Return what a person wants to see of every field, as plain JSON values."""
        return {name: field.human_readable_repr() for name, field in self.fields.items()}

    def __getitem__(self, key: str) -> Field[Any]:
        return self.fields[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __str__(self) -> str:
        return "Instance" + "".join(f"\n\t{name}: {field}" for name, field in self.fields.items())
