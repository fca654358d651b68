"""Why vectors are stored as they are: size, speed and loss of layouts, on the vectors of real text.

    python -m benchmarks.corpus_storage MODEL TEXT_FILE

Vectors of the file's first lines are written as one Parquet file for each layout and read again; medians of five. Every
layout is checked to give back what was written before it is timed.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from foldformer.corpus import DocumentEmbedder, Input
from foldformer.corpus.output.storage import Storage, quantized

NUM_LINES = 2000
LINES_PER_DOCUMENT = 20
ROWS_PER_GROUP = 8
REPEATS = 5
LAYOUTS = [
    ("PLAIN", "none"),
    ("PLAIN", "lz4"),
    ("PLAIN", "zstd"),
    ("BYTE_STREAM_SPLIT", "none"),
    ("BYTE_STREAM_SPLIT", "lz4"),
    ("BYTE_STREAM_SPLIT", "zstd"),
]
LEAF = "vectors.list.element.list.element"
NUM_QUERIES = 200
TOP = 10


def main() -> None:
    model, text = sys.argv[1:]
    lines = [record.text for record in Input([text]) if isinstance(record.text, str)][:NUM_LINES]
    texts = [" ".join(lines[i : i + LINES_PER_DOCUMENT]) for i in range(0, len(lines), LINES_PER_DOCUMENT)]
    documents = list(DocumentEmbedder.from_model(model).embed(texts))
    vectors = np.concatenate([document.vectors for document in documents])
    lengths = np.array([len(document.pieces) for document in documents])
    print(f"{len(vectors):,} vectors of {vectors.shape[1]}; pyarrow {pa.__version__}")
    print("| storage | layout | bytes a vector | write MB/s | read MB/s |\n|---|---|---|---|---|")
    for dtype in ("float32", "float16"):
        for encoding, compression in LAYOUTS:
            options = {"use_dictionary": False, "column_encoding": {LEAF: encoding}, "write_statistics": False}
            column = lists(lengths, fixed_size_lists(vectors.astype(dtype)))
            report(f"{dtype} | {encoding} {compression}", column, len(vectors), {**options, "compression": compression})
    numbers, _ = quantized(vectors)
    as_int8 = lists(lengths, fixed_size_lists(numbers))
    binary = pa.Array.from_buffers(pa.binary(numbers.shape[1]), len(numbers), [None, pa.py_buffer(numbers)])
    for name, column, dictionary in (
        ("int8 | int8 PLAIN", as_int8, False),
        ("int8 | int8 dictionary", as_int8, True),
        ("int8 | fixed-size binary", lists(lengths, binary), False),
    ):
        for compression in ("none", "zstd"):
            options = {"use_dictionary": dictionary, "write_statistics": False, "compression": compression}
            report(f"{name} {compression}", column, len(vectors), options)
    report_loss(vectors)


def fixed_size_lists(numbers: np.ndarray) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(
        pa.array(numbers.ravel()),
        type=pa.list_(pa.field("element", pa.from_numpy_dtype(numbers.dtype), nullable=False), numbers.shape[1]),
    )


def lists(lengths: np.ndarray, items: pa.Array) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), items)


def report(name: str, column: pa.Array, num_vectors: int, options: dict) -> None:
    table = pa.table({"vectors": column})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.parquet")

        def write() -> None:
            pq.write_table(table, path, row_group_size=ROWS_PER_GROUP, **options)

        write()
        assert pq.read_table(path).equals(table), name
        speeds = [table.nbytes / 1e6 / median_seconds(action) for action in (write, lambda: pq.read_table(path))]
        print(f"| {name} | {path.stat().st_size / num_vectors:.0f} | {speeds[0]:.0f} | {speeds[1]:.0f} |", flush=True)


def median_seconds(action: Callable[[], object]) -> float:
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def report_loss(vectors: np.ndarray) -> None:
    """Compare what is read with what was computed: relative error, cosine, and the nearest neighbours."""
    numbers, scales = quantized(vectors)
    stored = {"float16": vectors.astype(np.float16).astype(np.float32), "int8": numbers * scales[:, None]}
    queries = np.random.default_rng(0).choice(len(vectors), NUM_QUERIES, replace=False)
    expected = neighbours(vectors, vectors[queries])
    print(
        "| storage | bytes a vector | mean relative error | smallest cosine | same 10 nearest |\n|---|---|---|---|---|"
    )
    for name, approximate in stored.items():
        norms = np.linalg.norm(vectors, axis=1)
        error = np.linalg.norm(approximate - vectors, axis=1) / norms
        cosine = (approximate * vectors).sum(1) / norms / np.linalg.norm(approximate, axis=1)
        found = neighbours(approximate, vectors[queries])
        same = np.mean([len(set(a) & set(b)) / TOP for a, b in zip(expected, found, strict=True)])
        size = Storage(vectors.shape[1], name).bytes_per_vector
        print(f"| {name} | {size} | {error.mean():.1e} | {cosine.min():.7f} | {same:.2%} |")


def neighbours(vectors: np.ndarray, queries: np.ndarray) -> np.ndarray:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.argsort(-(queries @ unit.T), axis=1)[:, :TOP]


if __name__ == "__main__":
    main()
