"""What vectors are exported to: one small class for each program."""

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

POINTS_AT_ONCE = 1000
COLLECTION = "corpus"


class Target(ABC):
    """Takes vectors in the order of their rows.

    Args:
        folder: Of the export.
        total: Rows of all of it.
        dim: Numbers in a vector.
    """

    resumes: ClassVar[bool] = True
    """Whether what was added stays when the process ends."""

    def __init__(self, folder: Path, total: int, dim: int) -> None:
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

    @overrides
    def begin(self, rows: int) -> None:
        path, shape = self.folder / "vectors.npy", (self.total, self.dim)
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
        for path in self.folder.glob("vectors-*.arrow"):
            if int(path.stem.partition("-")[2]) >= rows:
                path.unlink()

    @overrides
    def add(self, rows: pa.Table, vectors: NDArray[np.float32], first: int) -> None:
        table = with_vectors(rows, vectors)
        with pa.ipc.new_file(str(self.folder / f"vectors-{first:012d}.arrow"), table.schema) as writer:
            writer.write_table(table)


class LanceTarget(Target):
    """`vectors.lance`: a dataset of Lance, which LanceDB opens too."""

    @overrides
    def begin(self, rows: int) -> None:
        self._lance = imported("lance", "pylance")
        self._path = str(self.folder / "vectors.lance")
        self._has_begun = Path(self._path).exists()
        if self._has_begun:
            self._lance.dataset(self._path).delete(f"row >= {rows}")

    @overrides
    def add(self, rows: pa.Table, vectors: NDArray[np.float32], first: int) -> None:  # noqa: ARG002
        mode = "append" if self._has_begun else "create"
        self._lance.write_dataset(with_vectors(rows, vectors), self._path, mode=mode)
        self._has_begun = True


class QdrantTarget(Target):
    """`qdrant`: a collection of Qdrant in its local mode, by cosine; Qdrant holds all of it in memory then."""

    @overrides
    def begin(self, rows: int) -> None:  # noqa: ARG002
        client = imported("qdrant_client", "qdrant-client")
        self._models = client.models
        self._client = client.QdrantClient(path=str(self.folder / "qdrant"))
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
        self._faiss.write_index(self._index, str(self.folder / "vectors.faiss"))


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


def imported(module: str, package: str) -> Any:
    """An optional package.

    Raises:
        ConfigurationError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"--to: got a target that needs {package}, which is not installed: pip install {package}"
        ) from error
