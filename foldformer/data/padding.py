"""Padding of plain lists."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")


def pad_to(items: Sequence[Item], length: int, padding: Item) -> list[Item]:
    """Return a list of exactly `length` items: padded at the end, or cut there."""
    return list(items[:length]) + [padding] * (length - len(items))


def pad_sequence_to_length(
    sequence: Sequence[Any],
    desired_length: int,
    default_value: Callable[[], Any] = lambda: 0,
    padding_on_right: bool = True,
) -> list[Any]:
    """Return a list of exactly `desired_length` items.

    Args:
        sequence: What is padded or cut.
        desired_length: How many items.
        default_value: Called once; what it gives is the padding.
        padding_on_right: Pad or cut at the end; otherwise at the beginning.
    """
    if padding_on_right:
        return pad_to(sequence, desired_length, default_value())
    return pad_to(sequence[::-1], desired_length, default_value())[::-1]
