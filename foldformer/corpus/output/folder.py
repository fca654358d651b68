"""A folder whose files are whole or not there, whatever happens to the process or the machine."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from foldformer.config.nearest import one_of
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.contents import WHOLE_ERRORS, WHOLE_MANIFEST, FolderContents, refuse_strangers
from foldformer.corpus.runs.plan import Shard

_TEMPORARY = r"\.(part-\d{{5,}}\.parquet|manifest{0}\.json|errors{0}\.jsonl){0}\.\d+\.partial"
_URL = re.compile(r"(?!file:)[a-zA-Z][a-zA-Z0-9+.-]+:/")
_CHUNK = 2**20


class OutputFolder:
    """The files of one run in a folder.

    Files are written under a temporary name, flushed to the disk and renamed.

    Args:
        path: The folder; it may not exist yet.
        shard: The run's shard; runs of other shards may work in the same folder at the same time.

    Raises:
        CorpusError: The path is a URL.
    """

    def __init__(self, path: Path, shard: Shard | None = None) -> None:
        if _URL.match(path.as_posix()):
            raise CorpusError(
                f"--output: got {path}; expected a folder on this machine, mounted perhaps, as files must be "
                "renamed in one step; copy the parts to the bucket when they are made"
            )
        self.path = path
        self._shard = shard
        self._suffix = "" if shard is None else shard.suffix
        self.manifest_name = WHOLE_MANIFEST if shard is None else shard.manifest_name
        self.errors_name = WHOLE_ERRORS if shard is None else shard.errors_name

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder if it is not there, and keep other runs out of it.

        Raises:
            CorpusError: Another run is at work in it, or it cannot be written to.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / f".lock{self._suffix}")
            lock.acquire(timeout=0)
        except Timeout as error:
            raise CorpusError(
                f"--output: got {self.path}, in which another run is at work; expected a folder of its own for each "
                "run; wait for it, or use --shard to share the work"
            ) from error
        except OSError as error:
            raise CorpusError(
                f"--output: got {self.path}, which cannot be written to ({error.strerror}); expected a folder, or a "
                "path where one can be made"
            ) from error
        try:
            self._remove_temporary()
            yield
        finally:
            lock.release()

    def temporary(self, name: str) -> Path:
        """A path to write to; see `publish`. No other process has the same one."""
        return self.path / f".{name}{self._suffix}.{os.getpid()}.partial"

    def publish(self, temporary: Path, name: str) -> None:
        """Flush a file to the disk and give it its name."""
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(self.path / name)
        self._sync()

    def replace(self, name: str, content: bytes) -> None:
        """Write a small file, or replace it, in one step."""
        temporary = self.temporary(name)
        try:
            temporary.write_bytes(content)
            self.publish(temporary, name)
        finally:
            temporary.unlink(missing_ok=True)

    def append(self, name: str, content: bytes) -> None:
        """Append to a file and flush it to the disk."""
        with (self.path / name).open("ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def read(self, name: str) -> bytes | None:
        """Content of a file; None where there is none."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def size(self, name: str) -> int | None:
        """Bytes of a file; None where there is none."""
        try:
            return (self.path / name).stat().st_size
        except FileNotFoundError:
            return None

    def checksum(self, name: str) -> str:
        """SHA-256 of a file."""
        return file_checksum(self.path / name)

    def remove(self, names: Sequence[str]) -> None:
        """Remove files, some of which may not be there."""
        for name in names:
            (self.path / name).unlink(missing_ok=True)
        if names:
            self._sync()

    def check_unused(self) -> None:
        """Check that no run has left anything in the folder, but for those of other shards.

        Raises:
            CorpusError: There are files in it, or another job's shards.
        """
        contents = FolderContents.read(self.path, self._shard)
        contents.check_job()
        if self._shard is not None:
            refuse_strangers(self.path, contents.strangers())
        elif contents.names:
            raise CorpusError(
                f"--output: got {self.path}, which holds {one_of(contents.names, 'and')}, and no {self.manifest_name} "
                "to go on with; expected an empty folder, or one that a run with the same options began; name another "
                "folder"
            )

    def check_own(self) -> None:
        """Check, before a run goes on, that it will not replace what no run has made.

        Raises:
            CorpusError: It would, or the folder is that of another job.
        """
        contents = FolderContents.read(self.path, self._shard)
        contents.check_job()
        refuse_strangers(self.path, contents.strangers_in_the_way())

    def clear(self) -> None:
        """Remove what runs have made; a shard removes its own files only.

        Raises:
            CorpusError: There is something else in the folder; nothing is removed then.
        """
        contents = FolderContents.read(self.path, self._shard)
        contents.check_job()
        refuse_strangers(self.path, contents.strangers())
        self.remove(contents.removable())

    def _remove_temporary(self) -> None:
        own = re.compile(_TEMPORARY.format(re.escape(self._suffix)))
        for path in self.path.glob(".*.partial"):
            if own.fullmatch(path.name):
                path.unlink(missing_ok=True)

    def _sync(self) -> None:
        """Flush the folder itself: only then does a renamed file survive a power cut."""
        if os.name == "nt":  # where folders cannot be opened
            return
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def file_checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
