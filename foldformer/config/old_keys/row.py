"""One row of the table of old keys, and the ways in which a row changes a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]
Change = Callable[[Block, str, Block], bool]
"""Changes a block that holds an old key, given block, key and whole file; false where it cannot, and has not."""


def as_it_is(value: Any) -> Any:
    """The value, unchanged."""
    return value


@dataclass(frozen=True)
class Row:
    """An old key and what is written today.

    Args:
        block: Where it stands: keys joined by dots, `**` for any number of them; empty for the top of the file.
        key: The old key.
        today: Today's key in the same block, dotted where it stands deeper. With a `change`: what to write, in words;
            why there is nothing to write, if that is `leave_out`.
        types: The block's `type` must be one of these, None being no `type`; empty for any.
        value: Makes today's value of the old one.
        change: Changes the block in a way of its own; by default the key is renamed.
    """

    block: str
    key: str
    today: str
    types: tuple[str | None, ...] = ()
    value: Callable[[Any], Any] = as_it_is
    change: Change | None = None

    def fits(self, block: Block) -> bool:
        """Whether a block at the right place holds the old key."""
        if self.key not in block:
            return False
        name = block.get("type")
        return not self.types or ((name is None or isinstance(name, str)) and name in self.types)

    @property
    def advice(self) -> str:
        """What a user is told."""
        if self.change is leave_out:
            return f"is an old key of AllenNLP and does nothing: {self.today}; remove it"
        return f"is an old spelling of AllenNLP; write {self.today}"

    def apply(self, block: Block, file: Block) -> bool:
        """Write today's key into a block; false where the value cannot be translated."""
        if self.change is not None:
            return self.change(block, self.key, file)
        put(block, self.today, self.value(block[self.key]), instead_of=self.key)
        return True


def leave_out(block: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Remove a key that means nothing today."""
    del block[key]
    return True


def put(block: Block, path: str, value: Any, instead_of: str | None = None) -> None:
    """Write a value to a dotted path, unless it is there: who writes both keys means today's.

    Args:
        block: Where the path begins.
        path: Today's key.
        value: Its value.
        instead_of: The old key, in whose place today's stands.
    """
    first, _, rest = path.partition(".")
    if rest and first in block:
        if isinstance(block[first], dict):
            put(block[first], rest, value)
        block.pop(instead_of or "", None)
        return
    if rest:
        inner: Block = {}
        put(inner, rest, value)
        value = inner
    value = block.get(first, value)
    entries = [(first, value) if key == instead_of else (key, each) for key, each in block.items() if key != first]
    if all(key != first for key, _ in entries):
        entries.append((first, value))
    block.clear()
    block.update(entries)
