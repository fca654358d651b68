"""A folder on this machine, or on one that is mounted."""

import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from overrides import overrides

from foldformer.config.nearest import one_of
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.folder import OutputFolder, StoredFile, file_checksum
from foldformer.corpus.output.manifest import Manifest
from foldformer.corpus.output.shard import Shard

_TEMPORARY = r"\.(part-\d{{5,}}\.parquet|_manifest{0}\.json|_errors{0}\.jsonl){0}\.[0-9a-f]+\.partial"
_OLD_MANIFEST = re.compile(r"manifest((?:-\d+-of-\d+)?)\.json")
_HAD_OTHER_NAMES = ("_manifest", "_errors")
"""Version 0.1 gave the lists names without `_`."""


class LocalFolder(OutputFolder):
    """Files that are written under a temporary name, flushed to the disk and renamed.

    Args:
        path: The folder; it may not exist yet.
        shard: As in `OutputFolder`.
    """

    def __init__(self, path: Path, shard: Shard | None = None) -> None:
        super().__init__(shard)
        self.path = path

    @property
    @overrides
    def location(self) -> Path:
        return self.path

    @contextmanager
    @overrides(check_signature=False)
    def locked(self) -> Iterator[None]:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._refuse_links()
            lock = FileLock(self.path / f".lock{self.names.suffix}")
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
            self._refuse_links()
            self._remove_temporary()
            self._rename_old()
            yield
        finally:
            lock.release()

    @overrides
    def files(self) -> Mapping[str, StoredFile]:
        if not self.path.is_dir():
            return {}
        found = {}
        for path in sorted(self.path.iterdir()):
            if not path.name.startswith("."):
                with suppress(FileNotFoundError):  # another shard may have removed it in this very moment
                    found[path.name] = StoredFile(path.lstat().st_size)
        return found

    @overrides
    def read(self, name: str) -> bytes | None:
        for each in (name, name.removeprefix("_") if name.startswith(_HAD_OTHER_NAMES) else name):
            with suppress(FileNotFoundError, NotADirectoryError):
                return (self.path / each).read_bytes()
        return None

    @overrides
    def open(self, name: str) -> str:
        return str(self.path / name)

    @overrides
    def checksum(self, name: str) -> str:
        return file_checksum(self.path / name)

    @overrides
    def dataset_files(self, names: Sequence[str]) -> tuple[list[str], None]:
        return [str(self.path / name) for name in names], None

    @contextmanager
    @overrides(check_signature=False)
    def unfinished(self, name: str) -> Iterator[Path]:
        target = self.path / name
        target.parent.mkdir(exist_ok=True)
        path = target.with_name(f".{target.name}{self.names.suffix}.{secrets.token_hex(8)}.partial")
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    @overrides
    def publish(self, unfinished: Path, name: str) -> None:
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(self.path / name)
        self._sync((self.path / name).parent)

    @overrides
    def replace(self, name: str, content: bytes) -> None:
        with self.unfinished(name) as path:
            path.write_bytes(content)
            self.publish(path, name)

    @overrides
    def append(self, name: str, key: str, content: bytes) -> None:  # noqa: ARG002
        path = self.path / name
        is_new = not path.exists()
        with os.fdopen(_open_no_link(path), "ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            self._sync()

    @overrides
    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            (self.path / name).unlink(missing_ok=True)
        if names:
            self._sync()

    def _refuse_links(self) -> None:
        """Check that nothing in the folder leads out of it: what is written to a link goes elsewhere."""
        links = sorted(path.name for path in self.path.iterdir() if path.is_symlink())
        if links:
            raise CorpusError(
                f"--output: got {self.path}, in which {one_of(links, 'and')} are links; expected a folder of files, as "
                "nothing is written through links; remove them, or name another folder"
            )

    def _remove_temporary(self) -> None:
        own = re.compile(_TEMPORARY.format(re.escape(self.names.suffix)))
        for path in self.path.glob(".*.partial"):
            if own.fullmatch(path.name):
                path.unlink(missing_ok=True)

    def _rename_old(self) -> None:
        """Give what version 0.1 left the names of today; a shard leaves what belongs to others."""
        for path in sorted(self.path.glob("manifest*.json")):
            match = _OLD_MANIFEST.fullmatch(path.name)
            if match is None or (self.shard is not None and match[1] not in ("", self.names.suffix)):
                continue
            target = self.path / f"_{path.name}"
            if target.exists() or not _is_manifest(path):
                continue
            errors = self.path / f"errors{match[1]}.jsonl"
            if errors.exists():
                errors.replace(self.path / f"_{errors.name}")
            path.replace(target)  # at last: it tells that the list is a run's
            self._sync()

    def _sync(self, folder: Path | None = None) -> None:
        """Flush the folder itself, or one in it: only then does a renamed file survive a power cut."""
        if os.name == "nt":  # where folders cannot be opened
            return
        descriptor = os.open(folder or self.path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _open_no_link(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, 0o666)


def _is_manifest(path: Path) -> bool:
    try:
        Manifest.from_json(path.read_bytes(), path.name)
    except (CorpusError, OSError):
        return False
    return True
