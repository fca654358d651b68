"""Maps from tokens to indices and back, one of each for every namespace."""

from collections.abc import Iterable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

DEFAULT_NON_PADDED_NAMESPACES = ("*tags", "*labels")
DEFAULT_PADDING_TOKEN = "@@PADDING@@"
DEFAULT_OOV_TOKEN = "@@UNKNOWN@@"
START_SYMBOL = "@start@"
END_SYMBOL = "@end@"


def namespace_match(pattern: str, namespace: str) -> bool:
    """Tell whether a pattern names a namespace: `*tags` ends in "tags", `tokens` is "tokens" and nothing else."""
    return pattern == namespace or (pattern.startswith("*") and namespace.endswith(pattern[1:]))


def is_non_padded(namespace: str, patterns: Iterable[str]) -> bool:
    """Tell whether one of the patterns of non-padded namespaces names this one."""
    return any(namespace_match(pattern, namespace) for pattern in patterns)


class NamespaceMaps(dict[str, dict[Key, Value]]):
    """One map a namespace; a namespace that is asked for the first time appears.

    A padded one starts with the entries for padding and for unknown tokens, a non-padded one empty.

    Args:
        non_padded_namespaces: Names, or `*` and a suffix. The owner's set, so that later additions are seen here.
        padded_start: Entries that a padded namespace starts with.
    """

    def __init__(self, non_padded_namespaces: set[str], padded_start: dict[Key, Value]) -> None:
        super().__init__()
        self._non_padded_namespaces = non_padded_namespaces
        self._padded_start = padded_start

    def __missing__(self, namespace: str) -> dict[Key, Value]:
        start = {} if is_non_padded(namespace, self._non_padded_namespaces) else self._padded_start
        self[namespace] = dict(start)
        return self[namespace]
