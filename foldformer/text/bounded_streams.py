"""Streams that take no more memory than they may, whatever unfolds from them."""

import io
import lzma
from collections.abc import Iterator
from functools import partial
from typing import IO, Any, cast

from overrides import overrides

from foldformer.text.extraction_limits import max_record_bytes, too_large

XZ_MEMORY = 256 * 2**20
"""Four times what `xz -9` needs."""
_CHUNK = 2**16


class BoundedReader:
    """Counts what one record takes of a stream, and stops it where that is too much.

    Args:
        binary: The stream, decompressed.
        name: Of the file, for errors.
    """

    def __init__(self, binary: IO[bytes], name: str) -> None:
        self._binary = binary
        self._name = name
        self._limit = max_record_bytes()
        self._taken = 0
        self._line = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield lines with their ends.

        Raises:
            FileContentError: A record is too large.
        """
        for line in iter(partial(self._binary.readline, self._limit + 1), b""):
            self._line += 1
            self._taken += len(line)
            if self._taken > self._limit:
                raise too_large(f"{self._name}:{self._line}", "a record")
            yield line

    def read(self) -> bytes:
        """Read all that is left, which is one record.

        Raises:
            FileContentError: It is too large.
        """
        content = self._binary.read(self._limit + 1)
        if len(content) > self._limit:
            raise too_large(self._name, "a record")
        return content

    def next_record(self) -> None:
        """Begin to count anew."""
        self._taken = 0


def open_xz(raw: IO[bytes], **_: Any) -> IO[bytes]:
    """Give what a stream of xz or lzma holds, of any number of them one after the other.

    Args:
        raw: The stream, as it is stored.

    Returns:
        A stream whose `read` raises `lzma.LZMAError` where the data are damaged or want more than `XZ_MEMORY`.
    """
    return cast("IO[bytes]", io.BufferedReader(_XzReader(raw), 2**17))


class _XzReader(io.RawIOBase):
    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._decompressor = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
        self._is_between = False

    @overrides
    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            data = b""
            if self._decompressor.eof:
                data = (self._decompressor.unused_data or self._raw.read(_CHUNK)).lstrip(b"\0")  # padding of streams
                self._decompressor = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
                self._is_between = True
            elif self._decompressor.needs_input:
                data = self._raw.read(_CHUNK)
                if not data and not self._is_between:
                    raise EOFError("the file ends before the end of its compressed data")
            if not data and self._is_between:
                return 0
            self._is_between = False
            piece = self._decompressor.decompress(data, len(buffer))
            if piece:
                buffer[: len(piece)] = piece
                return len(piece)
