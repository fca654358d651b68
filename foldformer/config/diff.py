"""What differs between two trees of plain data."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Absent(Enum):
    """Stands for a value that one of the trees does not have."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True)
class Difference:
    """One place where two trees differ.

    Args:
        path: The place, keys and list indices joined by dots.
        left: What the first tree has there, or `ABSENT`.
        right: What the second tree has there, or `ABSENT`.
    """

    path: str
    left: Any
    right: Any


def diff(left: Any, right: Any) -> list[Difference]:
    """Compare two trees of plain data.

    Objects are compared key by key and lists index by index; everything else as a whole. `1` and `1.0` are the same
    number, `1` and `true` are different.

    Returns:
        The differences, in the order of the first tree; what only the second has comes last in its object.
    """
    return list(_differences(left, right, ""))


def _differences(left: Any, right: Any, path: str) -> Iterator[Difference]:
    if isinstance(left, dict) and isinstance(right, dict):
        keys: list[Any] = list({**left, **right})
        pairs = [(key, left.get(key, ABSENT), right.get(key, ABSENT)) for key in keys]
    elif isinstance(left, list) and isinstance(right, list):
        longest = range(max(len(left), len(right)))
        pairs = [(index, _item(left, index), _item(right, index)) for index in longest]
    else:
        if left != right or isinstance(left, bool) != isinstance(right, bool):
            yield Difference(path, left, right)
        return
    for key, left_item, right_item in pairs:
        yield from _differences(left_item, right_item, f"{path}.{key}" if path else str(key))


def _item(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else ABSENT
