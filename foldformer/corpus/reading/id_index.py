"""Find documents by their ids without looking at all of them."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import count, takewhile

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]


class IdIndex:
    """Ids and their order: eight bytes for each beside the ids; a look-up takes microseconds, however many there are.

    Args:
        columns: The ids of all parts, one after the other.
    """

    def __init__(self, columns: Sequence[pa.ChunkedArray]) -> None:
        chunks = [chunk.cast(pa.large_string()) for column in columns for chunk in column.chunks]
        self._ids = pa.concat_arrays(chunks) if chunks else pa.array([], pa.large_string())
        self._order = pc.sort_indices(self._ids)

    def rows(self, key: str) -> list[int]:
        """Rows with this id; two at the most, as more say no more."""
        # Arrow sorts the bytes of UTF-8, whose order is that of Python's characters
        first = bisect_left(range(len(self._ids)), key, key=self._id_at)
        candidates = takewhile(lambda place: place < len(self._ids), count(first))
        same = takewhile(lambda place: self._id_at(place) == key, candidates)
        return [self._order[place].as_py() for place, _ in zip(same, range(2), strict=False)]

    def _id_at(self, place: int) -> str:
        found: str = self._ids[self._order[place].as_py()].as_py()
        return found
