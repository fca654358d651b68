"""Where in a file a value stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Place:
    """A path in a file as a chain to its parents: extending it costs the same at any depth.

    Args:
        key: The last key or list index; None for the root.
        parent: The place that holds this one.
    """

    key: str | None = None
    parent: Place | None = None

    def __truediv__(self, key: object) -> Place:
        """The place of an entry of this one."""
        return Place(str(key), self)

    def __str__(self) -> str:
        """Keys and indices joined by dots."""
        keys: list[str] = []
        place: Place | None = self
        while place is not None:
            if place.key is not None:
                keys.append(place.key)
            place = place.parent
        return ".".join(reversed(keys))


def place_of(path: str) -> Place:
    """The place that a dotted path names; the root for an empty one."""
    return Place(path, None) if path else Place()
