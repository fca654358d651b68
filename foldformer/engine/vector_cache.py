"""Keep the vectors of documents on disk, for the next time that the same document comes.

One SQLite file in a folder. A connection lives no longer than one batch, so that nothing has to be carried over forks,
copies and threads, and any number of processes on one machine may share the folder.
"""

import atexit
import hashlib
import logging
import os
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from shutil import rmtree

import torch
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.text.atomic import private_folder

FILE_NAME = "vectors.sqlite3"
PART_BYTES = 64 * 2**20
"""Vectors of one document are stored in parts of this size: SQLite takes no value beyond 1 GB."""
LOCK_SECONDS = 120.0
"""How long another process may write before this one goes on without the cache."""

_TABLE = (
    "CREATE TABLE IF NOT EXISTS vectors (key BLOB, part INTEGER, checksum BLOB, data BLOB, PRIMARY KEY (key, part))"
)
_READ = "SELECT checksum, data FROM vectors WHERE key = ? AND part = ?"
_WRITE = "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)"

logger = logging.getLogger(__name__)


class VectorCache:
    """Vectors by key.

    A damaged entry counts as none. A file that cannot be read or written at all (damaged, disk full) is named in one
    warning and left alone from then on.

    Args:
        folder: Where the file lies, on a local disk; made if need be. None makes a folder that goes with the process.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        if folder is None:
            folder = tempfile.mkdtemp(prefix="foldformer-vectors-")
            atexit.register(_remove, folder, os.getpid())
        self.folder = Path(folder)
        self._usable = True

    def fill(
        self, keys: Sequence[bytes], rows: Sequence[Tensor], compute: Callable[[list[int]], Sequence[Tensor]]
    ) -> None:
        """Fill the rows of every document, from the cache or else by computing them, which the cache then keeps.

        Args:
            keys: What tells documents apart, one a document.
            rows: Where each document's vectors go. (wordpieces, dim)
            compute: Takes the positions of documents and returns their vectors, at least as many as there are rows.
        """
        found = self._read(keys, rows)
        missing = [number for number, hit in enumerate(found) if not hit]
        if not missing:
            return
        for number, vectors in zip(missing, compute(missing), strict=True):
            rows[number].copy_(vectors[: len(rows[number])])
        self._write([(keys[number], rows[number]) for number in missing])

    def _read(self, keys: Sequence[bytes], rows: Sequence[Tensor]) -> list[bool]:
        found = [False] * len(keys)
        if self._usable:
            try:
                with closing(self._connect()) as connection:
                    found = [_read_parts(connection, key, into) for key, into in zip(keys, rows, strict=True)]
            except (sqlite3.Error, OSError, ConfigurationError) as error:
                self._give_up(error)
        return found

    def _write(self, entries: Sequence[tuple[bytes, Tensor]]) -> None:
        if not self._usable:
            return
        try:
            with closing(self._connect()) as connection, connection:  # the inner one commits, or rolls back
                for key, vectors in entries:
                    for part, data in enumerate(map(_to_bytes, _parts(vectors))):
                        connection.execute(_WRITE, (key, part, _checksum(key, data), data))
        except (sqlite3.Error, OSError, ConfigurationError) as error:
            self._give_up(error)

    def _connect(self) -> sqlite3.Connection:
        file = private_folder(self.folder, "cache_folder") / FILE_NAME
        if file.is_symlink():
            raise OSError("it is a link; expected a file of its own")
        connection = sqlite3.connect(file, timeout=LOCK_SECONDS)
        with ExitStack() as unless_usable:
            unless_usable.callback(connection.close)
            # Not waiting for the disk is safe against crashes of processes; after one of the machine, checksums tell.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(_TABLE)
            unless_usable.pop_all()
        return connection

    def _give_up(self, error: Exception) -> None:
        self._usable = False
        logger.warning(
            "cache_frozen: %s cannot be used (%s); vectors are computed anew from here on. "
            "If the file is damaged, delete it; if the disk is full, make room or name another cache_folder",
            self.folder / FILE_NAME,
            error,
        )


def _remove(folder: str, maker: int) -> None:
    if os.getpid() == maker:  # a fork runs this too
        rmtree(folder, ignore_errors=True)


def _read_parts(connection: sqlite3.Connection, key: bytes, into: Tensor) -> bool:
    """Copy one document's vectors; False where any part is missing or damaged."""
    for part, target in enumerate(_parts(into)):
        row = connection.execute(_READ, (key, part)).fetchone()
        if row is None or row[0] != _checksum(key, row[1]) or len(row[1]) != target.numel() * target.element_size():
            return False
        target.copy_(torch.frombuffer(bytearray(row[1]), dtype=target.dtype).view(target.shape))
    return True


def _parts(vectors: Tensor) -> list[Tensor]:
    """Cut vectors into views of at most `PART_BYTES`; none of an empty document."""
    rows = max(1, PART_BYTES // (vectors.size(1) * vectors.element_size()))
    return [vectors[start : start + rows] for start in range(0, len(vectors), rows)]


def _to_bytes(vectors: Tensor) -> bytes:
    data: bytes = vectors.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes()
    return data


def _checksum(key: bytes, data: bytes) -> bytes:
    return hashlib.blake2b(data, key=key, digest_size=16).digest()
