"""A prefix in an object store: s3://, gs://, az://.

Nothing is streamed into a store, which would publish half a part when an error occurs: a part is written to a file on
this machine and put in one request, or in several that become one object at once.

    _manifest.json               replaced only if it is as this run left it
    _journal/part-00017.jsonl    what was appended: an object can be replaced, but not grow
    .lease.json                  who is at work; see `Lease`
"""

import hashlib
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from overrides import overrides
from pyarrow.fs import FSSpecHandler, PyFileSystem  # type: ignore[import-untyped]

from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.folder import OutputFolder, StoredFile
from foldformer.corpus.output.lease import Lease
from foldformer.corpus.output.shard import Shard
from foldformer.corpus.output.store_access import Version, open_store, store_errors, store_options

CHUNK = 16 * 2**20
"""Bytes of a larger object that are put in one request."""
READ_AT_ONCE = 16
_BUFFER = 2**16
_LOG = ".jsonl"


class ObjectStoreFolder(OutputFolder):
    """Objects below a prefix.

    Args:
        url: Of the prefix.
        shard: As in `OutputFolder`.
        unsafe: Go on where the store does not know conditional writes, so that two runs at a time may mix their parts.
    """

    is_remote = True

    def __init__(self, url: str, shard: Shard | None = None, *, unsafe: bool = False) -> None:
        super().__init__(shard)
        self._url = url.rstrip("/")
        self._unsafe = unsafe
        self._versions: dict[str, Version] = {}
        self._lease: Lease | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave the connection here: a process of another machine opens its own."""
        return {**self.__dict__, "_lease": None, "_versions": {}, "_store": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Open the store when it is needed."""
        self.__dict__.update(state)
        del self.__dict__["_store"]

    @cached_property
    def _store(self) -> Any:
        return open_store(self._url)

    @property
    @overrides
    def location(self) -> str:
        return self._url

    @contextmanager
    @overrides(check_signature=False)
    def locked(self) -> Iterator[None]:
        lease = Lease(self._store, f".lease{self.names.suffix}.json", self._url, unsafe=self._unsafe)
        with lease.held():
            self._lease = lease
            try:
                yield
            finally:
                self._lease = None

    @overrides
    def files(self) -> Mapping[str, StoredFile]:
        with self._errors():
            found = self._store.list_with_delimiter()
        files = {each["path"]: StoredFile(each["size"], each["e_tag"]) for each in found["objects"]}
        for prefix in found["common_prefixes"]:
            name = prefix.strip("/")
            # what was appended is part of the list of that name
            files.setdefault(f"{name}{_LOG}" if name.startswith("_") else name, StoredFile(0))
        return {name: files[name] for name in sorted(files) if not name.startswith(".")}

    @overrides
    def read(self, name: str) -> bytes | None:
        with self._errors():
            content = self._content(name)
            pieces = self._pieces(name)
            if content is None and not pieces:
                return None
            with ThreadPoolExecutor(READ_AT_ONCE) as pool:
                return b"".join([content or b"", *pool.map(self._piece, pieces)])

    @overrides
    def open(self, name: str) -> Any:
        with self._errors():
            return io.BufferedReader(_Ranges(self._store, name, self._store.head(name)["size"]), _BUFFER)

    @overrides
    def checksum(self, name: str) -> str:
        digest = hashlib.sha256()
        with self._errors():
            for chunk in self._store.get(name).stream():
                digest.update(chunk)
        return digest.hexdigest()

    @contextmanager
    @overrides(check_signature=False)
    def unfinished(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="foldformer-") as folder:
            yield Path(folder, name.rpartition("/")[2])

    @overrides
    def publish(self, unfinished: Path, name: str) -> str | None:
        self._check_lease()
        size = unfinished.stat().st_size
        with self._errors():
            put = self._store.put(name, unfinished, chunk_size=CHUNK, use_multipart=size > CHUNK)
            stored = self._store.head(name)
        if stored["size"] != size:
            raise CorpusError(
                f"--output: got {self._url}, whose store made {stored['size']} bytes of {size}; expected one that "
                "keeps what is put into it"
            )
        tag: str | None = put["e_tag"]
        return tag

    @overrides
    def replace(self, name: str, content: bytes) -> None:
        self._check_lease()
        with self._errors():
            if name == self.names.manifest:
                self._put_manifest(name, content)
            else:
                self._store.put(name, content)
            self._delete(self._pieces(name))

    @overrides
    def append(self, name: str, key: str, content: bytes) -> None:
        self._check_lease()
        with self._errors():
            self._store.put(f"{name.removesuffix(_LOG)}/{key}{_LOG}", content)

    @overrides
    def remove(self, names: Sequence[str]) -> None:
        self._check_lease()
        with self._errors():
            self._delete([*names, *(piece for name in names for piece in self._pieces(name))])
        for name in names:
            self._versions.pop(name, None)

    @overrides
    def dataset_files(self, names: Sequence[str]) -> tuple[list[str], Any]:
        from obstore.fsspec import FsspecStore

        scheme, _, path = self._url.partition("://")
        make: Any = FsspecStore  # has one signature for each literal scheme
        # not one that fsspec kept, of an endpoint and credentials that may be others by now
        filesystem = make(scheme, skip_instance_cache=True, **store_options(self._url))
        return [f"{path}/{name}" for name in names], PyFileSystem(_SmallReads(filesystem))

    def _content(self, name: str) -> bytes | None:
        try:
            found = self._store.get(name)
        except FileNotFoundError:
            self._versions.pop(name, None)
            return None
        self._versions[name] = Version.of(found.meta)
        return bytes(found.bytes())

    def _piece(self, path: str) -> bytes:
        return bytes(self._store.get(path).bytes())

    def _pieces(self, name: str) -> list[str]:
        """Objects that were appended to a list, in order."""
        if not name.endswith(_LOG):
            return []
        prefix = f"{name.removesuffix(_LOG)}/"
        return sorted(each["path"] for batch in self._store.list(prefix) for each in batch)

    def _put_manifest(self, name: str, content: bytes) -> None:
        """Replace the manifest if it is what this run read or wrote last."""
        if self._unsafe:
            self._store.put(name, content)
            return
        known = self._versions.get(name)
        written = Version.put(self._store, name, content, known)
        if written is None:
            raise CorpusError(
                f"--output: got {self._url}, whose {name} another run has written meanwhile; expected one run at a "
                "time; run the same command again when the other has come to its end"
            )
        self._versions[name] = written

    def _delete(self, paths: Sequence[str]) -> None:
        if paths:
            with suppress(FileNotFoundError):  # some stores tell, of what is not there
                self._store.delete(list(paths))

    def _check_lease(self) -> None:
        if self._lease is not None:
            self._lease.check()

    def _errors(self) -> Any:
        return store_errors(self._url)


class _SmallReads(FSSpecHandler):  # type: ignore[misc]
    """Opens files of fsspec that read what Arrow asks for, and not a megabyte at the least."""

    @overrides(check_signature=False)
    def open_input_file(self, path: str) -> Any:
        return pa.PythonFile(self.fs.open(path, mode="rb", buffer_size=_BUFFER), mode="r")


class _Ranges(io.RawIOBase):
    """An object that is read a range at a time."""

    def __init__(self, store: Any, path: str, size: int) -> None:
        super().__init__()
        self._store, self._path, self._size, self._position = store, path, size, 0

    @overrides
    def readable(self) -> bool:
        return True

    @overrides
    def seekable(self) -> bool:
        return True

    @overrides
    def tell(self) -> int:
        return self._position

    @overrides
    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        return self._position

    @overrides(check_signature=False)
    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        length = min(len(view), self._size - self._position)
        if length <= 0:
            return 0
        view[:length] = bytes(self._store.get_range(self._path, start=self._position, length=length))
        self._position += length
        return length
