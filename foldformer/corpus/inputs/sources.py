"""Files of an input, wherever they are, opened one after the other and never held whole."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from glob import has_magic
from io import BufferedReader
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

from foldformer.config import ConfigurationError
from foldformer.config.nearest import show
from foldformer.corpus.inputs.compression import decompressed
from foldformer.corpus.inputs.saved_datasets import without_state_of_datasets
from foldformer.text.archives import FileContentError, is_archive
from foldformer.text.files import matching_files

STDIN = "-"
ARCHIVE_ENDINGS = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
_URL = re.compile(r"(?!file://)[a-zA-Z][a-zA-Z0-9+.-]+://.+")


@dataclass(frozen=True)
class Source:
    """One file of the input.

    Args:
        name: As the user would write it.
        location: Path or URL of the bytes; `-` is standard input.
        size: Bytes as stored; None where nobody knows, as of a pipe.
        from_folder: Whether the user named a folder that it lies in, rather than the file.
        searched: The folder on this machine in which it was found, if the user named a folder or a glob.
    """

    name: str
    location: str
    size: int | None
    from_folder: bool = False
    searched: str | None = None

    @property
    def is_stdin(self) -> bool:
        """Whether this is standard input."""
        return self.location == STDIN

    @property
    def is_stream(self) -> bool:
        """Whether it can be read once only, and from its beginning: standard input, or a pipe with a name."""
        return self.is_stdin or (self.size is None and self.path is not None)

    @property
    def path(self) -> Path | None:
        """Where it lies on this machine; None for a stream or a URL."""
        local = self.location.removeprefix("file://")
        return None if self.is_stdin or _URL.match(local) else Path(local)

    def lies_in(self, output: str | Path) -> bool:
        """Whether it is in a folder, or below a URL."""
        if isinstance(output, str):
            return self.location.startswith(f"{output.rstrip('/')}/")
        folder = output.resolve()
        return self.path is not None and folder in (self.path.parent.resolve(), self.path.resolve().parent)

    def is_under(self, folder: str | Path) -> bool:
        """Whether it was found below a folder, or a URL, while a larger one was searched."""
        if isinstance(folder, str):
            return self.from_folder and self.lies_in(folder)
        if self.searched is None or self.path is None:
            return False
        searched, folder = Path(self.searched).resolve(), folder.resolve()
        return searched in folder.parents and folder in self.path.resolve().parents

    @contextmanager
    def open(self, meter: "Meter | None" = None) -> Iterator[IO[bytes]]:
        """Open for reading, decompressed after the ending of the name.

        Raises:
            OSError: It cannot be opened.
            FileContentError: It is an archive, or compressed in a way that cannot be undone here.
        """
        if self.is_stdin:
            yield sys.stdin.buffer
            return
        with self._open_stored() as raw:
            if meter is not None:
                meter.follow(raw)
            with decompressed(raw, self.name) as binary:
                yield binary

    def _open_stored(self) -> Any:
        if self.path is not None:  # not by fsspec, which looks for the end of the file: a pipe has none to be found
            return self.path.open("rb")
        import fsspec

        # buffered, as some files of fsspec read no line of a limited length
        return BufferedReader(fsspec.open(self.location, "rb", compression=None).open())


@dataclass
class Meter:
    """How far the reading is, for the time that is left.

    Args:
        total: Bytes of all sources; None where one is not known.
    """

    total: int | None
    _before: int = 0
    _size: int = 0
    _raw: Any = field(default=None, repr=False)

    def start(self, source: Source) -> None:
        """The next source begins."""
        self._before += self._size
        self._size = source.size or 0
        self._raw = None

    def follow(self, raw: Any) -> None:
        """Watch the position in a file as it is stored."""
        self._raw = raw

    @property
    def fraction(self) -> float | None:
        """Share of the input that has been read, in [0, 1]."""
        if not self.total:
            return None
        inside = 0 if self._raw is None or self._raw.closed else self._raw.tell()
        return min(1.0, (self._before + min(inside, self._size)) / self.total)


def find_sources(inputs: Sequence[str]) -> list[Source]:
    """Find the files that paths, folders, globs, archives and URLs stand for.

    Their order is that of the arguments, and within a folder, an archive or a glob that of the names.

    Raises:
        ConfigurationError: One of them stands for nothing, or standard input is named twice.
    """
    if list(inputs).count(STDIN) > 1:
        raise ConfigurationError('INPUT: got "-" more than once; expected it once, as standard input is read once')
    found = [source for name in inputs for source in _sources(name)]
    if not found:
        raise ConfigurationError("INPUT: got nothing; expected files, folders, globs, URLs or - for standard input")
    return found


def total_size(sources: Sequence[Source]) -> int | None:
    """Bytes of all sources as stored, or None where one is not known."""
    sizes = [source.size for source in sources]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _sources(name: str) -> list[Source]:
    if name == STDIN:
        return [Source("standard input", STDIN, None)]
    if _URL.match(name) and "!" not in name:
        return _remote(name)
    local = Path(name.removeprefix("file://")).expanduser()
    if local.is_dir():
        return _in_folder(name, local)
    pattern = f"{name}!**/*" if name.endswith(ARCHIVE_ENDINGS) and local.is_file() and is_archive(local) else name
    try:
        files = matching_files(pattern)
    except (FileNotFoundError, FileContentError) as error:
        raise ConfigurationError(f"INPUT: {error}") from error
    whole = pattern != name
    searched = _folder_of_glob(local) if has_magic(name) and "!" not in pattern and not local.exists() else None
    return [Source(file.name, str(file.path), _size_of(file.path), whole, searched) for file in files]


def _size_of(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _folder_of_glob(pattern: Path) -> str:
    """The folder in which a glob begins to look."""
    plain = takewhile(lambda part: not has_magic(part), pattern.parts[:-1])
    return str(Path(*plain))


def _in_folder(name: str, folder: Path) -> list[Source]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not _is_hidden(path.relative_to(folder)))
    paths = without_state_of_datasets(paths)
    if not paths:
        raise ConfigurationError(f"INPUT: got the folder {show(name)}, which holds no files; expected some")
    return [Source(str(path), str(path), path.stat().st_size, True, str(folder)) for path in paths]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _remote(url: str) -> list[Source]:
    import fsspec
    from aiohttp import ClientError

    try:
        filesystem, path = fsspec.url_to_fs(url)
        if "*" in path or (not url.startswith("http") and "[" in path):
            paths, from_folder = sorted(filesystem.glob(path)), False
        elif filesystem.isdir(path):
            paths, from_folder = sorted(filesystem.find(path)), True
        else:
            paths, from_folder = [path], False
        infos = [filesystem.info(each) for each in paths]
    except (OSError, ImportError, ValueError, ClientError) as error:
        raise ConfigurationError(
            f"INPUT: got {show(url)}, which cannot be read ({type(error).__name__}: {error}); expected a URL that "
            "fsspec can open, such as https://, s3:// or gs:// (both need: pip install 'foldformer[cloud]')"
        ) from error
    if not paths:
        raise ConfigurationError(f"INPUT: got {show(url)}; expected at least one file, but none matches")
    urls = [filesystem.unstrip_protocol(each) for each in paths]
    return [Source(name, name, info.get("size"), from_folder) for name, info in zip(urls, infos, strict=True)]
