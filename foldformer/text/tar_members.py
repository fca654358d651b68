"""The regular files of a tar archive, read by rules of our own and not by those of the running Python."""

import bz2
import gzip
import json
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from foldformer.text.bounded_streams import open_xz
from foldformer.text.extraction_limits import ExtractionLimits, FileContentError

_BLOCK = 512
_NAME_BYTES = 1 << 16
"""More than any extended header needs: it holds a name, a size and some dates."""
_SIZE_BYTES = slice(124, 136)
_CHECKSUM_BYTES = slice(148, 156)
_REGULAR, _FOLDER, _LONG_NAME, _EXTENDED, _EXTENDED_FOR_ALL = (b"0", b"\0", b"7"), b"5", b"L", b"x", b"g"
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, ValueError)


@dataclass(frozen=True)
class TarMember:
    """One file or folder.

    Args:
        name: As the archive has it.
        size: Bytes of the content; 0 for a folder.
        is_folder: Whether it is a folder.
        content: Gives the content piece by piece; what is left of it is passed over before the next member.
    """

    name: str
    size: int
    is_folder: bool
    content: Iterator[bytes]


def is_tar(path: Path) -> bool:
    """Tell by its first block whether a file is a tar archive, compressed or not."""
    try:
        with _decompressed(path) as file:
            block = file.read(_BLOCK)
    except (OSError, *_DAMAGE):
        return False
    return len(block) == _BLOCK and (not any(block) or _has_right_checksum(block))


def read_tar(path: Path) -> Iterator[TarMember]:
    """Yield the members of a tar archive, one after the other.

    Raises:
        FileContentError: It is damaged, larger than the limits allow, or holds anything but files and folders.
    """
    limits = ExtractionLimits.of(path)
    with _decompressed(path) as file:
        yield from _TarReader(path, file, limits).members()


class _TarReader:
    def __init__(self, path: Path, file: IO[bytes], limits: ExtractionLimits) -> None:
        self._path = path
        self._file = file
        self._limits = limits

    def members(self) -> Iterator[TarMember]:
        name: str | None = None
        size: int | None = None
        while (header := self._header()) is not None:
            self._limits.count_member()
            kind = header[156:157]
            if kind == _LONG_NAME:
                name = _text(self._small(self._size(header)).rstrip(b"\0"))
            elif kind == _EXTENDED:
                name, size = self._extended(self._small(self._size(header)), name)
            elif kind == _EXTENDED_FOR_ALL:
                self._small(self._size(header))
            else:
                yield from self._member(header, kind, name or _name(header), size)
                name, size = None, None

    def _member(self, header: bytes, kind: bytes, name: str, size: int | None) -> Iterator[TarMember]:
        if kind not in _REGULAR and kind != _FOLDER:
            raise refusal(name, self._path)
        is_folder = kind == _FOLDER or name.endswith("/")
        size = self._size(header) if size is None else size
        self._limits.check_next(size)
        content = self._content(size)
        yield TarMember(name, 0 if is_folder else size, is_folder, content)
        for _ in content:
            pass

    def _header(self) -> bytes | None:
        block = self._read(_BLOCK, "")
        if not any(block):
            return None
        if len(block) < _BLOCK or not _has_right_checksum(block):
            raise _damaged(self._path, "a header is cut off or has a wrong checksum")
        return block

    def _size(self, header: bytes) -> int:
        field = header[_SIZE_BYTES]
        if field[0] & 0x80:  # sizes beyond 8 GB are binary; a negative one is 0xff...
            size = int.from_bytes(field, "big", signed=True) if field[0] == 0xFF else int.from_bytes(field[1:], "big")
        else:
            digits = field.strip(b" \0")
            size = int(digits or b"0", 8) if not digits.strip(b"01234567") else -1
        if size < 0:
            raise _damaged(self._path, f"a member's size is {field!r}")
        return size

    def _small(self, size: int) -> bytes:
        if size > _NAME_BYTES:
            raise _damaged(self._path, f"a header of {size} bytes")
        return b"".join(self._content(size))

    def _content(self, size: int) -> Iterator[bytes]:
        left = size
        while left:
            piece = self._read(min(left, 1 << 20), "the archive ends in the middle of a member")
            left -= len(piece)
            yield piece
        if size % _BLOCK:
            self._read(_BLOCK - size % _BLOCK, "the archive ends in the middle of a member")

    def _read(self, size: int, missing: str) -> bytes:
        try:
            piece = self._file.read(size)
        except _DAMAGE as error:
            raise _damaged(self._path, str(error)) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise _damaged(self._path, str(error)) from error
        self._limits.count_bytes(len(piece))
        if missing and len(piece) < size:
            raise _damaged(self._path, missing)
        return piece

    def _extended(self, content: bytes, name: str | None) -> tuple[str | None, int | None]:
        """The name and size of a pax header: records `LENGTH KEY=VALUE` and a line break."""
        size: int | None = None
        while content:
            digits, _, _ = content.partition(b" ")
            length = int(digits) if digits.isdigit() and len(digits) < 8 else 0
            record = content[len(digits) + 1 : length]
            if length <= len(digits) or length > len(content) or not record.endswith(b"\n"):
                raise _damaged(self._path, "an extended header has a wrong length")
            content = content[length:]
            key, _, value = record[:-1].partition(b"=")
            if key.startswith(b"GNU.sparse"):
                raise refusal(_text(value), self._path)
            if key == b"path":
                name = _text(value)
            elif key == b"size":
                if not value.isdigit() or len(value) > 18:
                    raise _damaged(self._path, f"a member's size is {value!r}")
                size = int(value)
        return name, size


@contextmanager
def _decompressed(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        start = file.read(6)
        file.seek(0)
        if start.startswith(b"\x1f\x8b"):
            with gzip.open(file) as opened:
                yield opened  # type: ignore[misc]
        elif start.startswith(b"BZh"):
            with bz2.open(file) as opened:
                yield opened
        elif start == b"\xfd7zXZ\0" or start.startswith(b"\x5d\0\0"):
            with open_xz(file) as opened:
                yield opened
        else:
            yield file


def _has_right_checksum(block: bytes) -> bool:
    digits = block[_CHECKSUM_BYTES].strip(b" \0")
    rest = block[: _CHECKSUM_BYTES.start] + b" " * 8 + block[_CHECKSUM_BYTES.stop :]
    signed = sum(byte - 256 if byte > 127 else byte for byte in rest)
    try:
        return int(digits, 8) in (sum(rest), signed)
    except ValueError:
        return False


def _name(header: bytes) -> str:
    name = header[:100].partition(b"\0")[0]
    prefix = header[345:500].partition(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    return _text(prefix + b"/" + name if prefix else name)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _damaged(path: Path, why: str) -> FileContentError:
    return FileContentError(
        f"{path}: got a damaged file or no archive at all ({why}); expected a zip or tar archive; fetch it again"
    )


def refusal(name: str, archive: Path) -> FileContentError:
    """The error of a member that must not be extracted."""
    return FileContentError(
        f"{archive}: got the member {json.dumps(name)}, which would leave the extraction folder or is no ordinary "
        "file; expected files and folders below it; nothing was extracted, the archive may be hostile"
    )
