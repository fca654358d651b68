"""The columns of a part, made from NumPy buffers without one Python object for each vector.

The layout was chosen by measuring, see docs/corpus.md: vectors as byte-stream-split floats under zstd. int8 vectors are
fixed-size binaries, because Parquet keeps every int8 in four bytes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, get_args

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from numpy.typing import NDArray

from foldformer.choices import StorageDtype
from foldformer.config import ConfigurationError
from foldformer.config.choice import check_choice
from foldformer.config.nearest import one_of
from foldformer.corpus.inputs import KeptKey, Record
from foldformer.embedding.embedded_document import EmbeddedDocument

STORAGE_DTYPES: tuple[str, ...] = get_args(StorageDtype)
METADATA_KEY = b"foldformer"
LARGEST_INT8 = 127
_ARROW = {"float16": pa.float16(), "float32": pa.float32()}
_KEPT = {"string": pa.string(), "json": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}


@dataclass(frozen=True)
class Storage:
    """How documents are stored.

    Args:
        dim: Numbers in one vector.
        dtype: Of the stored numbers; "int8" keeps a scale for each vector beside them.
        keep: Columns that are carried through.

    Raises:
        ConfigurationError: There is no such dtype, or two columns would have one name.
    """

    dim: int
    dtype: str = "float16"
    keep: tuple[KeptKey, ...] = ()

    def __post_init__(self) -> None:
        """Check the choices."""
        check_choice("storage_dtype", self.dtype, STORAGE_DTYPES)
        names = [key.name for key in self.keep]
        if len(set(names)) < len(names):
            raise ConfigurationError(f"keep: got {one_of(names, 'and')}; expected every key once")

    @property
    def bytes_per_vector(self) -> int:
        """Bytes of one vector before compression."""
        return self.dim * np.dtype(self.dtype).itemsize + (4 if self.dtype == "int8" else 0)

    def schema(self, metadata: Mapping[str, Any]) -> pa.Schema:
        """Columns of a part.

        Args:
            metadata: Stands as JSON in the file's metadata.
        """
        fields = [
            pa.field("id", pa.string(), nullable=False),
            pa.field("pieces", _list_of(pa.string()), nullable=False),
            pa.field("starts", _list_of(pa.int32())),
            pa.field("ends", _list_of(pa.int32())),
            pa.field("vectors", _list_of(self._vector_type()), nullable=False),
        ]
        if self.dtype == "int8":
            fields.append(pa.field("scales", _list_of(pa.float32()), nullable=False))
        fields.append(pa.field("num_segments", pa.int32(), nullable=False))
        fields += [pa.field(key.name, _KEPT[key.type]) for key in self.keep]
        text = json.dumps(metadata, sort_keys=True, ensure_ascii=False)
        return pa.schema(fields, metadata={METADATA_KEY: text.encode()})

    def columns(self, records: Sequence[Record], documents: Sequence[EmbeddedDocument]) -> list[pa.Array]:
        """Columns of some rows, in the order of the schema.

        Raises:
            ConfigurationError: A number in a vector does not fit the dtype.
        """
        offsets = _offsets([len(document.pieces) for document in documents])
        numbers, scales = self._stored([document.vectors for document in documents])
        columns = [
            pa.array([record.id for record in records], pa.string()),
            _list_array(offsets, pa.array(chain.from_iterable(document.pieces for document in documents), pa.string())),
            _places(offsets, [document.starts for document in documents]),
            _places(offsets, [document.ends for document in documents]),
            _list_array(offsets, self._vector_array(numbers)),
        ]
        if scales is not None:
            columns.append(_list_array(offsets, pa.array(scales)))
        columns.append(pa.array([document.num_segments for document in documents], pa.int32()))
        for i, key in enumerate(self.keep):
            columns.append(pa.array([record.kept[i] for record in records], _KEPT[key.type]))
        return columns

    def _vector_type(self) -> pa.DataType:
        if self.dtype == "int8":
            return pa.binary(self.dim)
        return pa.list_(pa.field("element", _ARROW[self.dtype], nullable=False), self.dim)

    def _stored(self, vectors: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[np.float32] | None]:
        """Convert to what is stored, and the scales of int8. (vectors, dim), (vectors,)"""
        rows = sum(len(each) for each in vectors)
        stored = np.empty((rows, self.dim), dtype=self.dtype)
        scales = np.empty(rows, dtype=np.float32) if self.dtype == "int8" else None
        start = 0
        with np.errstate(over="ignore", invalid="ignore"):
            for each in vectors:
                part = slice(start, start + len(each))
                if scales is None:
                    stored[part] = each
                else:
                    stored[part], scales[part] = quantized(each)
                _check_fits(each, stored[part] if scales is None else scales[part], self.dtype)
                start += len(each)
        return stored, scales

    def _vector_array(self, numbers: NDArray[Any]) -> pa.Array:
        buffer = pa.py_buffer(numbers)
        if self.dtype == "int8":
            return pa.Array.from_buffers(pa.binary(self.dim), len(numbers), [None, buffer])
        flat = pa.Array.from_buffers(_ARROW[self.dtype], numbers.size, [None, buffer])
        return pa.FixedSizeListArray.from_arrays(flat, type=self._vector_type())


def quantized(vectors: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round to int8 with one scale for each vector: `vectors` is near `numbers * scales[:, None]`.

    Args:
        vectors: (vectors, dim)

    Returns:
        Numbers in [-127, 127], (vectors, dim), and scales, (vectors,).
    """
    scales = np.abs(vectors).max(axis=1, initial=0).astype(np.float32) / np.float32(LARGEST_INT8)
    divisors = np.where(scales > 0, scales, np.float32(1))
    return np.rint(vectors / divisors[:, None]).astype(np.int8), scales


def _check_fits(vectors: NDArray[Any], stored: NDArray[Any], dtype: str) -> None:
    if dtype == "float32" or np.isfinite(stored).all():
        return
    if np.isfinite(vectors).all():
        largest = float(np.abs(vectors).max())
        raise ConfigurationError(
            f"storage_dtype: got float16, which cannot hold {largest:.6g}, the largest number of a vector; "
            "expected float32 or int8 for this model"
        )
    if dtype == "int8":
        raise ConfigurationError(
            "storage_dtype: got int8 and a vector with infinity or NaN in it; expected float32, or dtype float32, "
            "if the model overflows in a narrower one"
        )


def _list_of(element: pa.DataType) -> pa.DataType:
    return pa.list_(pa.field("element", element, nullable=False))


def _offsets(lengths: Sequence[int]) -> NDArray[np.int32]:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _list_array(offsets: NDArray[np.int32], values: pa.Array, validity: pa.Buffer | None = None) -> pa.Array:
    return pa.Array.from_buffers(
        _list_of(values.type), len(offsets) - 1, [validity, pa.py_buffer(offsets)], children=[values]
    )


def _places(offsets: NDArray[np.int32], places: Sequence[NDArray[np.int32] | None]) -> pa.Array:
    """Lists of character offsets; null where a document has none."""
    known = np.array([each is not None for each in places], dtype=bool)
    if known.all():
        flat = np.concatenate([each for each in places if each is not None], dtype=np.int32) if places else _EMPTY
        return _list_array(offsets, pa.array(flat))
    present = [each for each in places if each is not None]
    flat = np.concatenate(present, dtype=np.int32) if present else _EMPTY
    lengths = [0 if each is None else len(each) for each in places]
    validity = pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
    return _list_array(_offsets(lengths), pa.array(flat), validity)


_EMPTY = np.empty(0, dtype=np.int32)
