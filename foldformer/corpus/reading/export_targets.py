"""What vectors are exported to: one small class for each program."""

import re
from abc import ABC, abstractmethod
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from numpy.typing import NDArray
from overrides import overrides

from foldformer.choices import ExportTarget
from foldformer.config import ConfigurationError
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.store_access import is_plain_http

POINTS_AT_ONCE = 1000
COLLECTION = "corpus"
LANCE = "vectors.lance"
FAISS = "vectors.faiss"
_ARROW_FILE = re.compile(r"vectors-(\d+)\.arrow")


class Target(ABC):
    """Takes vectors in the order of their rows.

    Args:
        folder: Of the export; see `takes_urls`.
        total: Rows of all of it.
        dim: Numbers in a vector.
    """

    resumes: ClassVar[bool] = True
    """Whether what was added stays when the process ends."""
    takes_urls: ClassVar[bool] = True
    """Whether the folder may be in an object store."""

    def __init__(self, folder: OutputFolder, total: int, dim: int) -> None:
        self.folder, self.total, self.dim = folder, total, dim

    @abstractmethod
    def begin(self, rows: int) -> None:
        """Begin, or go on behind so many rows; what an earlier try added after these is dropped."""

    @abstractmethod
    def add(self, rows: pa.Table, vectors: NDArray[np.float32], first: int) -> None:
        """Add a part. (rows, dim)"""

    def finish(self) -> None:  # noqa: B027  (most have nothing left to do)
        """All rows are there."""


class NumpyTarget(Target):
    """`vectors.npy`, written in place, so that `numpy.load(..., mmap_mode="r")` reads it without loading it."""

    takes_urls = False

    @overrides
    def begin(self, rows: int) -> None:
        path, shape = Path(self.folder.location) / "vectors.npy", (self.total, self.dim)
        if not self.total:  # a file of nothing cannot be mapped
            np.save(path, np.zeros(shape, np.float32))
            return
        mode: Any = "r+" if rows else "w+"
        self._file = np.lib.format.open_memmap(path, mode=mode, dtype=np.float32, shape=shape)

    @overrides
    def add(self, rows: pa.Table, vectors: NDArray[np.float32], first: int) -> None:  # noqa: ARG002
        self._file[first : first + len(vectors)] = vectors
        self._file.flush()


class ArrowTarget(Target):
    """`vectors-*.arrow`: a file for each part with rows and vectors."""

    @overrides
    def begin(self, rows: int) -> None:
        found = {name: _ARROW_FILE.fullmatch(name) for name in self.folder.files()}
        self.folder.remove([name for name, match in found.items() if match and int(match[1]) >= rows])

    @overrides
    def add(self, rows: pa.Table, vectors: NDArray[np.float32], first: int) -> None:
        table = with_vectors(rows, vectors)
        name = f"vectors-{first:012d}.arrow"
        with self.folder.unfinished(name) as path:
            with pa.ipc.new_file(str(path), table.schema) as writer:
                writer.write_table(table)
            self.folder.publish(path, name)


class LanceTarget(Target):
    """`vectors.lance`: a dataset of Lance, which LanceDB opens too."""

    @overrides
    def begin(self, rows: int) -> None:
        self._lance = imported("lance", "pylance")
        self._dataset = lance_arguments(self.folder)
        self._mode = "append" if rows else "overwrite" if LANCE in self.folder.files() else "create"
        if rows:
            self._lance.dataset(**self._dataset).delete(f"row >= {rows}")

    @overrides
    def add(self, rows: pa.Table, vectors: NDArray[np.float32], first: int) -> None:  # noqa: ARG002
        self._lance.write_dataset(with_vectors(rows, vectors), mode=self._mode, **self._dataset)
        self._mode = "append"


class QdrantTarget(Target):
    """`qdrant`: a collection of Qdrant in its local mode, by cosine; Qdrant holds all of it in memory then."""

    takes_urls = False

    @overrides
    def begin(self, rows: int) -> None:  # noqa: ARG002
        client = imported("qdrant_client", "qdrant-client")
        self._models = client.models
        self._client = client.QdrantClient(path=str(Path(self.folder.location) / "qdrant"))
        if not self._client.collection_exists(COLLECTION):
            distance = self._models.VectorParams(size=self.dim, distance=self._models.Distance.COSINE)
            self._client.create_collection(COLLECTION, vectors_config=distance)

    @overrides
    def add(self, rows: pa.Table, vectors: NDArray[np.float32], first: int) -> None:  # noqa: ARG002
        for start in range(0, len(vectors), POINTS_AT_ONCE):
            chunk = slice(start, start + POINTS_AT_ONCE)
            payloads = rows.slice(start, POINTS_AT_ONCE).to_pylist()
            points = [
                self._models.PointStruct(id=payload.pop("row"), vector=vector.tolist(), payload=payload)
                for payload, vector in zip(payloads, vectors[chunk], strict=True)
            ]
            self._client.upsert(COLLECTION, points)

    @overrides
    def finish(self) -> None:
        self._client.close()


class FaissTarget(Target):
    """`vectors.faiss`: an exact index of unit vectors by inner product, that is by cosine. It is built in memory."""

    resumes = False

    @overrides
    def begin(self, rows: int) -> None:  # noqa: ARG002
        self._faiss = imported("faiss", "faiss-cpu")
        self._index = self._faiss.IndexFlatIP(self.dim)

    @overrides
    def add(self, rows: pa.Table, vectors: NDArray[np.float32], first: int) -> None:  # noqa: ARG002
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._index.add(vectors / np.where(norms > 0, norms, 1))

    @overrides
    def finish(self) -> None:
        with self.folder.unfinished(FAISS) as path:
            self._faiss.write_index(self._index, str(path))
            self.folder.publish(path, FAISS)


TARGETS: dict[ExportTarget, type[Target]] = {
    "npy": NumpyTarget,
    "arrow": ArrowTarget,
    "lance": LanceTarget,
    "qdrant": QdrantTarget,
    "faiss": FaissTarget,
}


def with_vectors(rows: pa.Table, vectors: NDArray[np.float32]) -> pa.Table:
    """Rows with a column of their vectors, which are not copied."""
    flat = pa.array(vectors.reshape(-1))
    return rows.append_column("vector", pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]))


def lance_arguments(folder: OutputFolder) -> dict[str, Any]:
    """How Lance is told where a dataset is."""
    options = {"allow_http": "true"} if folder.is_remote and is_plain_http() else None
    return {"uri": f"{folder.location}/{LANCE}", "storage_options": options}


def imported(module: str, package: str) -> Any:
    """An optional package.

    Raises:
        ConfigurationError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"{module}: got no installation of {package}; install it by pip install {package}"
        ) from error
