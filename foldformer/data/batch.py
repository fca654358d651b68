"""Instances that go through a model together."""

from collections.abc import Iterable, Iterator
from typing import Any

from foldformer.config import ConfigurationError
from foldformer.data.instance import Instance
from foldformer.text import Vocabulary


class Batch(Iterable[Instance]):
    """Several instances with the same fields.

    Args:
        instances: What the batch holds, in order.

    Raises:
        ConfigurationError: A field is missing in some of them, or differs in type.
    """

    __slots__ = ("instances",)

    def __init__(self, instances: Iterable[Instance]) -> None:
        self.instances = list(instances)
        self._check_same_fields()

    def _check_same_fields(self) -> None:
        if not self.instances:
            return
        first = {name: type(field) for name, field in self.instances[0].fields.items()}
        for position, instance in enumerate(self.instances[1:], start=1):
            if first.keys() != instance.fields.keys():
                different = ", ".join(sorted(first.keys() ^ instance.fields.keys()))
                raise ConfigurationError(
                    f"batch: got instances 0 and {position} with different fields, {different} in one of them only; "
                    "expected the same fields in all"
                )
            for name, field in instance.fields.items():
                if type(field) is not first[name]:
                    raise ConfigurationError(
                        f"batch: got the field {name} as {first[name].__name__} in instance 0 and as "
                        f"{type(field).__name__} in instance {position}; expected the same type in all"
                    )

    def index_instances(self, vocab: Vocabulary) -> None:
        """Index every instance that is not indexed yet."""
        for instance in self.instances:
            instance.index_fields(vocab)

    def get_padding_lengths(self) -> dict[str, dict[str, int]]:
        """Return the longest length of the batch for every field and padding key."""
        longest: dict[str, dict[str, int]] = {}
        for instance in self.instances:
            for name, lengths in instance.get_padding_lengths().items():
                of_field = longest.setdefault(name, {})
                for key, length in lengths.items():
                    of_field[key] = max(length, of_field.get(key, 0))
        return longest

    def as_tensor_dict(self, padding_lengths: dict[str, dict[str, int]] | None = None) -> dict[str, Any]:
        """Pad every instance to the longest and put the tensors together.

        Args:
            padding_lengths: Field -> padding key -> length in place of the batch's longest; a shorter one truncates.

        Returns:
            What each field makes of its tensors: a tensor, or a dictionary or list. (batch, ...)

        Raises:
            ValueError: The batch is empty.
        """
        if not self.instances:
            raise ValueError("batch: got no instances; expected at least one to make tensors of")
        lengths = self.get_padding_lengths()
        for name, given in (padding_lengths or {}).items():
            lengths.setdefault(name, {}).update({key: n for key, n in given.items() if key in lengths.get(name, {})})
        tensors = [instance.as_tensor_dict(lengths) for instance in self.instances]
        fields = self.instances[0].fields
        return {name: field.batch_tensors([each[name] for each in tensors]) for name, field in fields.items()}

    def __iter__(self) -> Iterator[Instance]:
        return iter(self.instances)

    def __len__(self) -> int:
        return len(self.instances)
