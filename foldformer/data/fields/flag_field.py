"""One setting for a whole batch."""

from collections.abc import Sequence
from typing import Any

from overrides import overrides

from foldformer.data.fields.field import Field


class FlagField(Field[Any]):
    """A value that must be the same in all instances of a batch, and reaches the model once: a mode, a task.

    Args:
        flag_value: Any value that can be compared.
    """

    __slots__ = ("flag_value",)

    def __init__(self, flag_value: Any) -> None:
        self.flag_value = flag_value

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        return {}

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> Any:  # noqa: ARG002
        return self.flag_value

    @overrides
    def empty_field(self) -> "FlagField":
        return FlagField(self.flag_value)

    @overrides
    def batch_tensors(self, tensor_list: Sequence[Any]) -> Any:
        """Return the one value.

        Raises:
            ValueError: There are several.
        """
        for value in tensor_list:
            if value != tensor_list[0]:
                raise ValueError(
                    f"FlagField: got {tensor_list[0]!r} and {value!r} in one batch; expected one value in all instances"
                )
        return tensor_list[0]

    @overrides
    def human_readable_repr(self) -> Any:
        inner = getattr(self.flag_value, "human_readable_repr", None)
        return inner() if callable(inner) else self.flag_value

    def __len__(self) -> int:
        return 1

    def __str__(self) -> str:
        return f"FlagField {self.flag_value!r}"
