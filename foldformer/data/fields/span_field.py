"""A span of a sequence."""

from typing import Any

import torch
from overrides import overrides

from foldformer.data.fields.field import Field
from foldformer.data.fields.sequence_field import SequenceField


class SpanField(Field[torch.Tensor]):
    """The INCLUSIVE first and last position of a span of another field. int64, (2,)

    Args:
        span_start: First position, from 0; -1 in a padded list.
        span_end: Last position, inside the span.
        sequence_field: What it is a span of.

    Raises:
        TypeError: A position is no integer.
        ValueError: The span ends before it starts, or after the sequence.
    """

    __slots__ = ("sequence_field", "span_end", "span_start")

    def __init__(self, span_start: int, span_end: int, sequence_field: SequenceField[Any]) -> None:
        for position in (span_start, span_end):
            if not isinstance(position, int):
                raise TypeError(
                    f"SpanField: got the position {position!r} ({type(position).__name__}); expected an integer"
                )
        length = sequence_field.sequence_length()
        if span_start > span_end or span_end >= length:
            raise ValueError(
                f"SpanField: got ({span_start}, {span_end}) in a sequence of {length}; expected the first and the last "
                "position of a span inside it"
            )
        self.span_start = span_start
        self.span_end = span_end
        self.sequence_field = sequence_field

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        return {}

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> torch.Tensor:  # noqa: ARG002
        return torch.tensor([self.span_start, self.span_end], dtype=torch.long)

    @overrides
    def empty_field(self) -> "SpanField":
        return SpanField(-1, -1, self.sequence_field.empty_field())  # type: ignore[arg-type]

    @overrides
    def human_readable_repr(self) -> tuple[int, int]:
        return self.span_start, self.span_end

    def __eq__(self, other: object) -> bool:
        return (self.span_start, self.span_end) == other if isinstance(other, tuple) else super().__eq__(other)

    __hash__ = None

    def __len__(self) -> int:
        return 2

    def __str__(self) -> str:
        return f"SpanField ({self.span_start}, {self.span_end})"
