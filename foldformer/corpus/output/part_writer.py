"""Write one part, a row group at a time."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from typing_extensions import Self

from foldformer.corpus.inputs import Record
from foldformer.corpus.output.storage import Storage
from foldformer.embedding.embedded_document import EmbeddedDocument

ROW_GROUP_BYTES = 1 * 2**20
"""Vectors in one row group before compression: a few times as much is in memory; a look-up of one document reads it."""

COMPRESSION = "zstd"
COMPRESSION_LEVEL = 1
_VECTORS = "vectors.list.element.list.element"


class PartWriter:
    """A Parquet file in the making. A context manager; an error on the way leaves a file without an end.

    The same rows give the same bytes.

    Args:
        path: Where it is written; an existing file is replaced.
        storage: Its columns.
        metadata: Stands as JSON in the file's metadata.
        row_group_bytes: Vectors in one row group; a larger document has a row group of its own.
    """

    def __init__(
        self, path: Path, storage: Storage, metadata: Mapping[str, Any], row_group_bytes: int = ROW_GROUP_BYTES
    ) -> None:
        self._storage = storage
        self._schema = storage.schema(metadata)
        self._rows: list[tuple[Record, EmbeddedDocument]] = []
        self._row_group_bytes = row_group_bytes
        self._waiting = 0
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            compression=COMPRESSION,
            compression_level=COMPRESSION_LEVEL,
            use_dictionary=["pieces.list.element"],
            column_encoding={} if storage.dtype == "int8" else {_VECTORS: "BYTE_STREAM_SPLIT"},
            write_statistics=False,  # halves the speed for float16, and nobody looks for the smallest number
        )

    def add(self, record: Record, document: EmbeddedDocument) -> None:
        """Add a row.

        Raises:
            ConfigurationError: A number in a vector does not fit the storage dtype.
            OSError: The disk is full, for instance.
        """
        size = len(document.pieces) * self._storage.bytes_per_vector
        if self._rows and self._waiting + size > self._row_group_bytes:
            self._flush()
        self._rows.append((record, document))
        self._waiting += size

    def _flush(self) -> None:
        records, documents = zip(*self._rows, strict=True) if self._rows else ((), ())
        table = pa.Table.from_arrays(self._storage.columns(records, documents), schema=self._schema)
        self._writer.write_table(table, row_group_size=max(1, len(records)))
        self._rows = []
        self._waiting = 0

    def __enter__(self) -> Self:
        """Give the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is left and the end of the file, unless something went wrong."""
        if kind is not None:
            with suppress(OSError):  # of a full disk, say, which must not hide the first error
                self._writer.close()
            return
        if self._rows:
            self._flush()
        self._writer.close()
