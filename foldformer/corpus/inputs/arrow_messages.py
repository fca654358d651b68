"""How much the messages of an Arrow file unfold to, read before any of them is unfolded.

    stream   FFFFFFFF length | metadata | body     FFFFFFFF length | ...     00000000
    file     "ARROW1" stream | footer | length of the footer | "ARROW1"

Metadata and footer are flatbuffers. Where a body is compressed, each buffer in it begins with the size that it has when
it is not, as a signed number of eight bytes; -1 says that this one is stored as it is.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from foldformer.text.archives import FileContentError
from foldformer.text.extraction_limits import max_unfolded_bytes, too_large

_CONTINUATION = 0xFFFFFFFF
_MAGIC = b"ARROW1"
_DICTIONARY, _RECORDS = 2, 3
"""Kinds of messages."""


def check_messages(name: str, file: IO[bytes], *, is_file: bool) -> None:
    """Check that no message unfolds to more than its bytes can mean; the file must be seekable.

    Args:
        name: Of the file, for errors.
        file: Its bytes.
        is_file: Whether it is a file with a footer, rather than a stream.

    Raises:
        FileContentError: One does, or is damaged.
    """
    try:
        for start in _in_footer(file) if is_file else _in_stream(file):
            stored, unfolded = _sizes(file, start)
            if unfolded > max_unfolded_bytes(stored):
                raise too_large(name, "compressed columns")
    except (struct.error, IndexError, OverflowError, ValueError) as error:
        if isinstance(error, FileContentError):
            raise
        raise FileContentError(f"{name}: got what cannot be read as Arrow ({error})") from error


def _in_footer(file: IO[bytes]) -> Iterator[int]:
    end = file.seek(-10, 2)
    (length,) = struct.unpack("<i", file.read(4))
    file.seek(end - length)
    footer = _Table.root(file.read(length))
    for field in (2, 3):
        for place in footer.structs(field, 24):
            yield struct.unpack_from("<q", footer.content, place)[0]


def _in_stream(file: IO[bytes]) -> Iterator[int]:
    start = 0
    while True:
        file.seek(start)
        prefix = file.read(8)
        first = struct.unpack("<I", prefix[:4])[0] if len(prefix) >= 4 else 0
        size = struct.unpack("<i", prefix[4:])[0] if first == _CONTINUATION else first
        if size <= 0:
            return
        begin = start + (8 if first == _CONTINUATION else 4)
        file.seek(begin)
        yield start
        start = begin + size + _Table.root(_read(file, begin, size)).number(3, "<q")


def _sizes(file: IO[bytes], start: int) -> tuple[int, int]:
    """Bytes of a message's body as they are stored, and unfolded."""
    first, second = struct.unpack("<Ii", _read(file, start, 8))
    begin, size = (start + 8, second) if first == _CONTINUATION else (start + 4, first)
    message = _Table.root(_read(file, begin, size))
    kind, stored = message.number(1, "<B"), message.number(3, "<q")
    records = message.table(2)
    if records is not None and kind == _DICTIONARY:
        records = records.table(1)
    if records is None or kind not in (_DICTIONARY, _RECORDS) or records.table(3) is None:
        return stored, 0
    places = [struct.unpack_from("<qq", records.content, place) for place in records.structs(2, 16)]
    bodies = (_read(file, begin + size + offset, 8) for offset, length in places if length >= 8)
    return stored, sum(max(0, struct.unpack("<q", body)[0]) for body in bodies)


def _read(file: IO[bytes], start: int, size: int) -> bytes:
    file.seek(start)
    content = file.read(size)
    if len(content) < size:
        raise ValueError("it is cut off")
    return content


@dataclass(frozen=True)
class _Table:
    """A table of a flatbuffer.

    Args:
        content: The whole buffer.
        place: Where the table begins.
    """

    content: bytes
    place: int

    @classmethod
    def root(cls, content: bytes) -> "_Table":
        return cls(content, struct.unpack_from("<I", content, 0)[0])

    def number(self, field: int, kind: str) -> int:
        """A number; 0 where it is left out."""
        place = self._field(field)
        return 0 if place is None else int(struct.unpack_from(kind, self.content, place)[0])

    def table(self, field: int) -> "_Table | None":
        place = self._field(field)
        return None if place is None else _Table(self.content, self._pointed(place))

    def structs(self, field: int, size: int) -> range:
        """Where the structures of a vector lie."""
        place = self._field(field)
        if place is None:
            return range(0)
        vector = self._pointed(place)
        (count,) = struct.unpack_from("<I", self.content, vector)
        if vector + 4 + count * size > len(self.content):
            raise ValueError("a list is longer than what holds it")
        return range(vector + 4, vector + 4 + count * size, size)

    def _pointed(self, place: int) -> int:
        return place + int(struct.unpack_from("<I", self.content, place)[0])

    def _field(self, field: int) -> int | None:
        fields = self.place - int(struct.unpack_from("<i", self.content, self.place)[0])
        (size,) = struct.unpack_from("<H", self.content, fields)
        if 4 + 2 * field >= size:
            return None
        (offset,) = struct.unpack_from("<H", self.content, fields + 4 + 2 * field)
        return self.place + offset if offset else None
