"""The messages of an Arrow file, each checked before any of it is unfolded.

    stream   FFFFFFFF length | metadata | body     FFFFFFFF length | ...     00000000
    file     "ARROW1" 00 00 | stream | footer | length of the footer | "ARROW1"

So a file is read as the stream in it, from a pipe too; the footer says nothing else. Metadata are flatbuffers. Where
a body is compressed, each buffer in it begins with the size that it has when it is not, as a signed number of eight
bytes; -1 says that this one is stored as it is.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from foldformer.text.archives import FileContentError
from foldformer.text.extraction_limits import max_unfolded_bytes, too_large

_CONTINUATION = b"\xff\xff\xff\xff"
_MAGIC = b"ARROW1\0\0"
_DICTIONARY, _RECORDS = 2, 3
"""Kinds of messages."""
_BYTES_AT_ONCE = 1 << 20
"""A length is not believed: memory is taken as bytes come."""


class MessageStream:
    """Reads as the stream in an Arrow file does; no message that it gives unfolds to more than its bytes can mean.

    Args:
        name: Of the file, for errors.
        file: Its bytes, from the start; it is read once, forwards.
    """

    closed = False

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self._name = name
        self._file = file
        self._pieces = self._checked()
        self._piece = memoryview(b"")

    def read(self, size: int) -> bytes:
        """Return the next bytes, fewer only at the end.

        Raises:
            FileContentError: The message that they belong to is too large, or damaged.
        """
        parts = []
        while size > 0:
            if not self._piece:
                self._piece = memoryview(next(self._pieces, b""))
            if not self._piece:
                break
            parts.append(self._piece[:size])
            self._piece = self._piece[size:]
            size -= len(parts[-1])
        return b"".join(parts)

    def _checked(self) -> Iterator[bytes]:
        try:
            yield from filter(None, self._messages())
        except (struct.error, IndexError, OverflowError, ValueError) as error:
            if isinstance(error, FileContentError):
                raise
            raise FileContentError(f"{self._name}: got what cannot be read as Arrow ({error})") from error

    def _messages(self) -> Iterator[bytes]:
        prefix = self._take(4, may_end=True)
        is_file = prefix == _MAGIC[:4]
        if is_file:
            prefix = self._take(8)[4:]
        while prefix:
            if prefix == _CONTINUATION:
                prefix += self._take(4)
            (size,) = struct.unpack("<i", prefix[-4:])
            yield prefix
            if size == 0:
                return
            metadata = self._take(size)
            body = self._take(_Table.root(metadata).number(3, "<q"))
            if _unfolded_bytes(metadata, body) > max_unfolded_bytes(len(body)):
                raise too_large(self._name, "compressed columns")
            yield metadata
            yield body
            prefix = self._take(4, may_end=not is_file)

    def _take(self, size: int, *, may_end: bool = False) -> bytes:
        """So many bytes of the file, or none where it may end."""
        if size < 0:
            raise ValueError(f"a length of {size}")
        taken = bytearray()
        while len(taken) < size:
            part = self._file.read(min(size - len(taken), _BYTES_AT_ONCE))
            if not part:
                if may_end and not taken:
                    break
                raise ValueError("it is cut off")
            taken += part
        return bytes(taken)


def _unfolded_bytes(metadata: bytes, body: bytes) -> int:
    """What the buffers of a message say that they unfold to; 0 where none is compressed."""
    message = _Table.root(metadata)
    kind, records = message.number(1, "<B"), message.table(2)
    if records is not None and kind == _DICTIONARY:
        records = records.table(1)
    if records is None or kind not in (_DICTIONARY, _RECORDS) or records.table(3) is None:
        return 0
    places = [struct.unpack_from("<qq", records.content, place) for place in records.structs(2, 16)]
    return sum(max(0, struct.unpack_from("<q", body, offset)[0]) for offset, length in places if length >= 8)


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
