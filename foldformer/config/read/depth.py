"""How deep data may be nested: every later step calls itself for what is inside."""

from collections.abc import Iterable, Mapping
from typing import Any

DEEPEST = 150
TOO_DEEP = f"is nested more than {DEEPEST} levels deep; does something hold itself?"


def is_too_deep(data: Any) -> bool:
    """Whether lists and blocks are nested deeper than `DEEPEST`; a YAML list may even hold itself."""
    level = _containers([data])
    for _ in range(DEEPEST):
        if not level:
            return False
        level = _containers(item for each in level for item in (each.values() if isinstance(each, Mapping) else each))
    return bool(level)


def _containers(values: Iterable[Any]) -> list[Any]:
    """The lists and blocks among values, each once: an alias of YAML may stand many times on one level."""
    return list({id(each): each for each in values if isinstance(each, (Mapping, list, tuple))}.values())
