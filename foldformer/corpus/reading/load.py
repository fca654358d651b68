"""Read what a run has made, a row group at a time."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate
from os import PathLike
from pathlib import Path
from typing import Any, overload

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.dataset as ds  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from numpy.typing import NDArray

from foldformer.config.nearest import show
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.inputs.fields import OUTPUT_COLUMNS, KeptKey
from foldformer.corpus.output.contents import shards_in
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.ledger import read_manifest
from foldformer.corpus.output.manifest import Manifest
from foldformer.corpus.output.places import output_folder
from foldformer.corpus.output.storage import Storage
from foldformer.corpus.reading.id_index import IdIndex

FILES_OPEN = 16
ROW_GROUPS_HELD = 2


@dataclass(frozen=True, eq=False)
class StoredDocument:
    """One row.

    Args:
        id: As the input gave it, otherwise the position in the input.
        pieces: Wordpieces, words, or the whole document.
        starts: First character of each piece; None where nobody knew. int32 (pieces,)
        ends: The character behind each piece. int32 (pieces,)
        vectors: As stored: float16, float32 or int8; a view of what was read. (pieces, dim)
        scales: What int8 vectors are to be multiplied by. float32 (pieces,)
        num_segments: Segments that ran for it.
        kept: Values that were carried through, by name.
    """

    id: str
    pieces: list[str]
    starts: NDArray[np.int32] | None
    ends: NDArray[np.int32] | None
    vectors: NDArray[Any]
    scales: NDArray[np.float32] | None
    num_segments: int
    kept: Mapping[str, Any] = field(default_factory=dict)

    def as_float32(self) -> NDArray[np.float32]:
        """The vectors, converted where they must be. (pieces, dim)"""
        return scaled(self.vectors, self.scales)


def load_corpus(folder: str | PathLike[str]) -> "Corpus":
    """Open a folder that `foldformer embed` has written.

    Raises:
        CorpusError: It is no such folder, or its shards have not been merged.
    """
    place = output_folder(folder)
    try:
        manifest = read_manifest(place)
    except OSError as error:
        raise CorpusError(f"{folder}: cannot be read ({error}); expected what `foldformer embed` wrote") from error
    if manifest is not None:
        return Corpus(place, manifest)
    if shards_in(place):
        raise CorpusError(f"{folder}: got shards; join them by `foldformer corpus merge {folder}`")
    raise CorpusError(f"{folder}: got no {place.names.manifest}; expected a folder that `foldformer embed` wrote")


class Corpus(Sequence[StoredDocument]):
    """The documents of a folder, in the order of the input; nothing is read before it is asked for.

    Look up a document by its place (`corpus[0]`) or by its id (`corpus["doc-17"]`, and `"doc-17" in corpus`); iterate
    to stream.

    Args:
        place: The folder.
        manifest: What is in it.
    """

    def __init__(self, place: OutputFolder, manifest: Manifest) -> None:
        self.place = place
        self.manifest = manifest
        self._parts = [part for _, part in sorted(manifest.parts.items())]
        self._ends = list(accumulate(part.rows for part in self._parts))
        self._open = lru_cache(FILES_OPEN)(self._open_uncached)
        self._read = lru_cache(ROW_GROUPS_HELD)(self._read_uncached)

    @property
    def folder(self) -> str | Path:
        """Path or URL of the folder."""
        return self.place.location

    @property
    def description(self) -> Mapping[str, Any]:
        """Model, revision, options and versions."""
        description: Mapping[str, Any] = self.manifest.fingerprint["embedder"]
        return description

    @property
    def is_complete(self) -> bool:
        """Whether the run has come to its end."""
        return self.manifest.num_parts == len(self._parts)

    @property
    def files(self) -> list[str]:
        """Paths of the parts, for pandas, DuckDB, `datasets.load_dataset("parquet", data_files=...)` and others."""
        return [self.place.path_of(part.name) for part in self._parts]

    @property
    def num_files(self) -> int:
        """How many parts there are."""
        return len(self._parts)

    @property
    def vector_columns(self) -> list[str]:
        """Columns with which `row_groups` streams all pieces and their vectors."""
        return ["id", "pieces", "vectors", *(["scales"] if self.description["storage_dtype"] == "int8" else [])]

    def dataset(self) -> Any:
        """The same as a `pyarrow.dataset.Dataset`; one without documents has the columns too."""
        files, filesystem = self.place.dataset_files([part.name for part in self._parts])
        schema = None if self._parts else self._schema_without_parts()
        return ds.dataset(files, format="parquet", schema=schema, filesystem=filesystem)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what it takes to open the folder again, open files left out."""
        return Corpus, (self.place, self.manifest)

    def __contains__(self, key: object) -> bool:
        """Whether a document has this id."""
        return isinstance(key, str) and bool(self._index.rows(key))

    def __len__(self) -> int:
        """Number of documents."""
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, key: int | str) -> StoredDocument: ...

    @overload
    def __getitem__(self, key: slice) -> Sequence[StoredDocument]: ...

    def __getitem__(self, key: int | str | slice) -> StoredDocument | Sequence[StoredDocument]:
        """Find a document by its place or its id.

        Raises:
            IndexError: There is no such place.
            KeyError: There is no such id, or more than one document has it.
        """
        if isinstance(key, slice):
            return [self[i] for i in range(*key.indices(len(self)))]
        row = self.row_of(key) if isinstance(key, str) else key
        if not -len(self) <= row < len(self):
            raise IndexError(f"got {row}; expected a place below {len(self)}")
        row %= len(self)
        part = bisect_right(self._ends, row)
        row -= self._ends[part] - self._parts[part].rows
        file = self._open(part)
        group = 0
        while row >= file.metadata.row_group(group).num_rows:
            row -= file.metadata.row_group(group).num_rows
            group += 1
        return _document(self._read(part, group), row)

    def row_of(self, key: str) -> int:
        """Find the place of a document by its id.

        Raises:
            KeyError: There is no such id, or more than one document has it.
        """
        rows = self._index.rows(key)
        if not rows:
            raise KeyError(f"got {show(key)}; expected the id of one of {len(self)} documents")
        if len(rows) > 1:
            raise KeyError(f"got {show(key)}, the id of more than one document; expected a place")
        return rows[0]

    def __iter__(self) -> Iterator[StoredDocument]:
        """Stream all documents, one row group in memory at a time."""
        for batch in self.row_groups():
            for row in range(batch.num_rows):
                yield _document(batch, row)

    def row_groups(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Stream all rows as Arrow batches, one a row group."""
        for part in range(self.num_files):
            yield from self.row_groups_of(part, columns)

    def row_groups_of(self, file: int, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Stream the rows of one of the files."""
        opened = self._open(file)
        for group in range(opened.num_row_groups):
            yield _one_batch(opened.read_row_group(group, columns=columns))

    @cached_property
    def _index(self) -> IdIndex:
        return IdIndex([self._open(part).read(columns=["id"])["id"] for part in range(len(self._parts))])

    def _schema_without_parts(self) -> pa.Schema:
        keep = tuple(KeptKey.parse(each) for each in self.manifest.fingerprint.get("input", {}).get("keep", ()))
        return Storage(self.description["dim"], self.description["storage_dtype"], keep).schema(self.description)

    def _open_uncached(self, part: int) -> Any:
        name = self._parts[part].name
        try:
            file = pq.ParquetFile(self.place.open(name), memory_map=True)
            self._check(file, part)
            return file
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(
                f"{self.place.path_of(name)}: cannot be read ({error}); run the same `foldformer embed` again "
                "to repair it"
            ) from error

    def _check(self, file: Any, part: int) -> None:
        """Check that a part is what the manifest says, before it is read by it."""
        rows, expected = file.metadata.num_rows, self._parts[part].rows
        if rows != expected:
            raise pa.ArrowInvalid(f"it has {rows} rows, and the manifest says {expected}")
        schema = Storage(self.description["dim"], self.description["storage_dtype"]).schema({})
        for name, kind in zip(schema.names, schema.types, strict=True):
            index = file.schema_arrow.get_field_index(name)
            if index < 0 or file.schema_arrow.field(index).type != kind:
                raise pa.ArrowInvalid(f'its column "{name}" is none of {kind}')

    def _read_uncached(self, part: int, group: int) -> pa.RecordBatch:
        return _one_batch(self._open(part).read_row_group(group))


def vectors_of(batch: pa.RecordBatch) -> tuple[NDArray[Any], NDArray[np.float32] | None]:
    """Views of all vectors of a batch, as stored, and of the scales of int8. (pieces, dim), (pieces,)"""
    lists = batch.column("vectors")
    items = lists.flatten()
    if pa.types.is_fixed_size_binary(items.type):
        dim = items.type.byte_width
        raw = np.frombuffer(items.buffers()[1], np.int8)[items.offset * dim : (items.offset + len(items)) * dim]
        scales = batch.column("scales").flatten().to_numpy(zero_copy_only=True)
        return raw.reshape(-1, dim), scales
    dim = items.type.list_size
    return items.flatten().to_numpy(zero_copy_only=True).reshape(-1, dim), None


def scaled(vectors: NDArray[Any], scales: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Stored vectors as float32. (pieces, dim)"""
    numbers = vectors.astype(np.float32, copy=False)
    return numbers if scales is None else numbers * scales[:, None]


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _document(batch: pa.RecordBatch, row: int) -> StoredDocument:
    one = batch.slice(row, 1)
    vectors, scales = vectors_of(one)
    return StoredDocument(
        id=one.column("id")[0].as_py(),
        pieces=one.column("pieces")[0].as_py(),
        starts=_places(one.column("starts")),
        ends=_places(one.column("ends")),
        vectors=vectors,
        scales=scales,
        num_segments=one.column("num_segments")[0].as_py(),
        kept={name: one.column(name)[0].as_py() for name in one.schema.names if name not in OUTPUT_COLUMNS},
    )


def _places(column: pa.Array) -> NDArray[np.int32] | None:
    values: NDArray[np.int32] = column.flatten().to_numpy(zero_copy_only=True)
    return values if column.null_count == 0 else None
