"""Text files of word vectors: one word and its numbers a line, plain, compressed or inside an archive."""

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from foldformer.config import ConfigurationError

_INSIDE_ARCHIVE = re.compile(r"\((.*)\)#(.*)")
_HEADER = re.compile(r"\d+( \d+)?\s*")
"""Number of words, and perhaps the dimension: the first line of word2vec and fastText files."""


@contextmanager
def open_embedding_lines(uri: str) -> Iterator[Iterator[str]]:
    """Open a file of word vectors and hand out its lines, a header left out.

    Args:
        uri: Path or address of a text file (also .gz, .bz2, .xz), of a zip or tar archive with one file in it, or
            `(archive)#path/inside` for an archive with several.

    Raises:
        ConfigurationError: There is no such file, or the archive does not say which of its files is meant.
    """
    inside = _INSIDE_ARCHIVE.fullmatch(uri)
    location, member = inside.groups() if inside else (uri, None)
    with ExitStack() as stack:
        raw = stack.enter_context(_open(location))
        binary: IO[bytes]
        if zipfile.is_zipfile(raw):
            raw.seek(0)
            binary = stack.enter_context(_open_in_zip(stack.enter_context(zipfile.ZipFile(raw)), uri, member))
        elif _is_tar(raw):
            raw.seek(0)
            binary = stack.enter_context(_open_in_tar(stack.enter_context(tarfile.open(fileobj=raw)), uri, member))
        else:
            binary = stack.enter_context(_open(location, compression="infer"))
        yield _without_header(io.TextIOWrapper(binary, encoding="utf-8"))


def read_pretrained_tokens(uri: str) -> list[str]:
    """Read the words of a file of word vectors, without their numbers; lines without a space are passed over."""
    with open_embedding_lines(uri) as lines:
        return [line.partition(" ")[0] for line in lines if " " in line]


def _open(location: str, compression: str | None = None) -> IO[bytes]:
    import fsspec  # type: ignore[import-untyped]

    try:
        opened: IO[bytes] = fsspec.open(location, "rb", compression=compression).open()
    except OSError as error:
        raise ConfigurationError(
            f'word vectors: got "{location}"; expected an existing file: {error}; looked in {Path.cwd()}'
        ) from error
    return opened


def _is_tar(raw: IO[bytes]) -> bool:
    raw.seek(0)
    try:
        with tarfile.open(fileobj=raw):
            return True
    except tarfile.TarError:
        return False


def _open_in_zip(archive: zipfile.ZipFile, uri: str, member: str | None) -> IO[bytes]:
    return archive.open(_choose([name for name in archive.namelist() if not name.endswith("/")], uri, member))


def _open_in_tar(archive: tarfile.TarFile, uri: str, member: str | None) -> IO[bytes]:
    name = _choose([entry.name for entry in archive.getmembers() if entry.isfile()], uri, member)
    opened = archive.extractfile(name)
    assert opened is not None, "only regular files are chosen"
    return opened


def _choose(names: list[str], uri: str, member: str | None) -> str:
    if member is None and len(names) == 1:
        return names[0]
    if member is None or member not in names:
        raise ConfigurationError(
            f'word vectors: got "{uri}"; expected "(path of the archive)#path inside" with one of: {", ".join(names)}'
        )
    return member


def _without_header(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number > 0 or not _HEADER.fullmatch(line):
            yield line
