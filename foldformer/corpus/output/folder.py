"""Where the files of a run are: what every kind of place can do."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from typing_extensions import Self

from foldformer.corpus.output.shard import ListNames, Shard

_CHUNK = 2**20


@dataclass(frozen=True)
class StoredFile:
    """What a place knows of a file without reading it.

    Args:
        size: In bytes.
        tag: Changes with the content; None where the place keeps nothing of the kind.
    """

    size: int
    tag: str | None = None


class OutputFolder(ABC):
    """The files of one run. Each of them is whole or not there, whatever happens to the process or the machine.

    Args:
        shard: The run's shard; runs of other shards may work in the same folder at the same time.
    """

    is_remote: ClassVar[bool] = False
    """Whether a file takes a while to get its name."""

    def __init__(self, shard: Shard | None = None) -> None:
        self.shard = shard
        self.names = ListNames(shard)

    @property
    @abstractmethod
    def location(self) -> str | Path:
        """Path or URL, as the user wrote it."""

    @abstractmethod
    def locked(self) -> AbstractContextManager[None]:
        """Make the folder if it is not there, and keep other runs out of it.

        Raises:
            CorpusError: Another run is at work in it, or it cannot be written to.
        """

    @abstractmethod
    def files(self) -> Mapping[str, StoredFile]:
        """All files and folders, by name, but for hidden ones."""

    @abstractmethod
    def read(self, name: str) -> bytes | None:
        """Content of a file, with all that was appended; None where there is none."""

    @abstractmethod
    def open(self, name: str) -> Any:
        """A file for `pyarrow.parquet`: a path or something to read ranges from.

        Raises:
            OSError: There is none.
        """

    @abstractmethod
    def checksum(self, name: str) -> str:
        """SHA-256 of a file, in hexadecimal, from all of its bytes.

        Raises:
            OSError: There is none.
        """

    @abstractmethod
    def dataset_files(self, names: Sequence[str]) -> tuple[list[str], Any]:
        """Files as `pyarrow.dataset` wants them, and the file system that they are in; None for this machine's."""

    @abstractmethod
    def unfinished(self, name: str) -> AbstractContextManager[Path]:
        """A path on this machine to write a file to; see `publish`. What is there at the end is removed.

        Args:
            name: The file's; one in a folder below this one has a slash in it.
        """

    @abstractmethod
    def publish(self, unfinished: Path, name: str) -> str | None:
        """Give a finished file its name, and return its tag; see `StoredFile`."""

    @abstractmethod
    def replace(self, name: str, content: bytes) -> None:
        """Write a small file, or replace it and all that was appended, in one step."""

    @abstractmethod
    def append(self, name: str, key: str, content: bytes) -> None:
        """Append whole lines to a file.

        Args:
            name: The file.
            key: Where the lines stand among those that were appended, in places that can replace but not append.
            content: The lines.
        """

    @abstractmethod
    def remove(self, names: Sequence[str]) -> None:
        """Remove files, some of which may not be there."""

    def of_shard(self, shard: Shard | None) -> Self:
        """The same folder, as a run of another shard sees it."""
        other = copy(self)
        other.shard, other.names = shard, ListNames(shard)
        return other

    def path_of(self, name: str) -> str:
        """What to call a file in front of the user."""
        return f"{self.location}/{name}"


def file_checksum(path: Path) -> str:
    """SHA-256 of a file on this machine, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
