"""Padding of plain lists."""

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def pad_to(items: Sequence[Item], length: int, padding: Item) -> list[Item]:
    """Return a list of exactly `length` items: padded at the end, or cut there."""
    return list(items[:length]) + [padding] * (length - len(items))
