"""Read text files, compressed or not, with errors that name the file and the line."""

import lzma
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TextIO

from foldformer.text.archives import FileContentError, is_archive, list_members
from foldformer.text.bounded_streams import BoundedReader, open_xz
from foldformer.text.files import LocalFile, cached_path

_DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError)

FileLike = str | os.PathLike[str] | LocalFile
"""Where text comes from: a path or URL as `cached_path` takes it, or a file that was found already."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text file, and where it stands.

    Args:
        text: The line, without its end.
        number: Counted from 1.
        file: The file as the user would write it.
    """

    text: str
    number: int
    file: str

    def error(self, message: str) -> FileContentError:
        """Make an error that begins with the place of this line."""
        return FileContentError(f"{self.file}:{self.number}: {message}")


@contextmanager
def open_binary(file: FileLike) -> Iterator[IO[bytes]]:
    """Open a file for reading, decompressed after its name: .gz, .bz2, .xz, .lzma, or an archive of one single file.

    Raises:
        FileNotFoundError: There is no such file.
        FileContentError: It is an archive with several files, or damaged, or a folder.
    """
    source = _found(file)
    if source.path.is_dir():
        raise FileContentError(f"{source.name}: got a folder; expected a file; to read all in it write {source.name}/*")
    path = source.path
    if is_archive(path):
        path = cached_path(f"{path}!{_only_member(source)}")
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(_opened(path))
        except zipfile.BadZipFile as error:
            raise FileContentError(f"{source.name}: got a damaged zip archive ({error}); fetch it again") from error
        yield opened


@contextmanager
def open_text(file: FileLike, encoding: str = "utf-8") -> Iterator[TextIO]:
    """Open a text file for reading, decompressed as by `open_binary`; line ends of every system read alike."""
    with open_binary(file) as binary, TextIOWrapper(binary, encoding=encoding) as text:
        yield text


def read_lines(file: FileLike) -> Iterator[Line]:
    """Read a UTF-8 text file line by line, a byte order mark left out.

    Raises:
        FileNotFoundError: There is no such file.
        FileContentError: A line is not UTF-8, or the compressed file is damaged.
    """
    source = _found(file)
    with open_binary(source) as binary:
        lines, number = BoundedReader(binary, source.name), 0
        try:
            for number, raw in enumerate(lines, start=1):
                lines.next_record()
                yield Line(_decoded(raw, number, source.name), number, source.name)
        except _DAMAGE as error:
            raise FileContentError(
                f"{source.name}:{number + 1}: the file cannot be read on from here ({error}); "
                "it is damaged, or not compressed in the way that its name says"
            ) from error


def _opened(path: Path) -> AbstractContextManager[IO[bytes]]:
    if path.suffix in (".xz", ".lzma"):
        return _opened_xz(path)
    import fsspec

    opened: AbstractContextManager[IO[bytes]] = fsspec.open(str(path), "rb", compression="infer")
    return opened


@contextmanager
def _opened_xz(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as raw, open_xz(raw) as opened:
        yield opened


def _found(file: FileLike) -> LocalFile:
    return file if isinstance(file, LocalFile) else LocalFile(os.fspath(file), cached_path(file))


def _only_member(source: LocalFile) -> str:
    names = list_members(source.path)
    if len(names) == 1:
        return names[0]
    raise FileContentError(
        f"{source.name}: got an archive of {len(names)} files; expected one file; say which: "
        + " or ".join(f"{source.name}!{name}" for name in names[:4])
    )


def _decoded(raw: bytes, number: int, name: str) -> str:
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        byte = raw[error.start]
        raise FileContentError(
            f"{name}:{number}: got byte 0x{byte:02x} at position {error.start + 1} of the line; expected UTF-8 text; "
            "convert the file (iconv -f LATIN1 -t UTF-8) or, if it is compressed, give it its ending (.gz, .bz2, .xz)"
        ) from error
    return text.rstrip("\r\n")
