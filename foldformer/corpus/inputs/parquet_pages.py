"""What the pages of a Parquet file say of themselves, read before any of them is unfolded.

A column chunk is a row of pages, each behind a header in Thrift's compact form. The footer repeats some of the numbers,
but readers go by the headers:

    header (num_values, uncompressed and compressed size, encoding)   compressed bytes   header   compressed bytes  ...
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

_FIRST_LOOK = 1 << 12
_LONGEST_HEADER = 1 << 24
_DATA, _DICTIONARY, _DATA_V2 = 5, 7, 8
"""Fields of a header, one of which is there, and says what kind of page it is."""
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_DEEPEST = 8
DELTA_BYTE_ARRAY = 7
"""The encoding in which a value takes over the beginning of the one before."""


class PageError(ValueError):
    """A column chunk is not made of pages."""


@dataclass(frozen=True)
class Page:
    """One page.

    Args:
        num_values: Of a data page; 0 of others.
        unfolded: Bytes when decompressed.
        encoding: By its number in the format; None of other pages.
        is_dictionary: Whether it holds the values that data pages point to.
    """

    num_values: int
    unfolded: int
    encoding: int | None
    is_dictionary: bool


def read_pages(file: IO[bytes], start: int, size: int) -> Iterator[Page]:
    """Yield the pages of a column chunk, by their headers.

    Args:
        file: The Parquet file.
        start: Where the chunk begins.
        size: Its bytes.

    Raises:
        PageError: There is something else.
    """
    end = start + size
    while start < end:
        fields, length = _header(file, start, end - start)
        unfolded, stored = fields.get(2), fields.get(3)
        if not isinstance(unfolded, int) or not isinstance(stored, int) or unfolded < 0 or stored < 0:
            raise PageError("a page has no size, or a negative one")
        data = fields.get(_DATA) or fields.get(_DATA_V2) or {}
        num_values = data.get(1, 0)
        if num_values < 0:
            raise PageError("a page has a negative number of values")
        encoding = data.get(4 if _DATA_V2 in fields else 2)
        yield Page(num_values, unfolded, encoding, _DICTIONARY in fields)
        start += length + stored


def _header(file: IO[bytes], start: int, most: int) -> tuple[dict[int, Any], int]:
    size = _FIRST_LOOK
    while True:
        file.seek(start)
        content = file.read(min(size, most))
        try:
            reader = _Compact(content)
            return reader.struct(0), reader.position
        except IndexError as error:
            if size >= min(most, _LONGEST_HEADER):
                raise PageError("a page's header is cut off") from error
            size *= 16


class _Compact:
    """Reads Thrift's compact form: keeps 32-bit numbers and structures, and passes over the rest.

    Raises:
        IndexError: The content ends too early.
        PageError: It is in no such form.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.position = 0

    def struct(self, depth: int) -> dict[int, Any]:
        if depth > _DEEPEST:
            raise PageError("a page's header is nested too deeply")
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) != 0:
            kind, step = head & 15, head >> 4
            number = number + step if step else self._number()
            value = None if kind in (_TRUE, _FALSE) else self._value(kind, depth)
            if kind in (_I32, _STRUCT):
                fields[number] = value
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_I16, _I32, _I64):
            return self._number()
        if kind in (_LIST, _SET):
            self._pass_over_list(depth)
        elif kind == _MAP:
            self._pass_over_map(depth)
        else:
            self._pass_over_bytes(kind)
        return None

    def _pass_over_bytes(self, kind: int) -> None:
        sizes = {_TRUE: 1, _FALSE: 1, _BYTE: 1, _DOUBLE: 8}
        if kind not in sizes and kind != _BINARY:
            raise PageError("a page's header is damaged")
        size = sizes[kind] if kind in sizes else self._varint()
        self.position += size
        if self.position > len(self._content):
            raise IndexError

    def _pass_over_list(self, depth: int) -> None:
        head = self._byte()
        for _ in range(self._varint() if head >> 4 == 15 else head >> 4):
            self._value(head & 15, depth + 1)

    def _pass_over_map(self, depth: int) -> None:
        size = self._varint()
        kinds = self._byte() if size else 0
        for _ in range(size):
            self._value(kinds >> 4, depth + 1)
            self._value(kinds & 15, depth + 1)

    def _byte(self) -> int:
        byte = self._content[self.position]
        self.position += 1
        return byte

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise PageError("a page's header is damaged")

    def _number(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
