"""Hand the vectors of a corpus to what searches them, part by part.

out/_export.json        how far the export is, for the next try
out/rows/part-*.parquet which document and which of its pieces each row is, in the order of the vectors
out/vectors.npy         or what else the target keeps vectors in
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from numpy.typing import NDArray

from foldformer.choices import ExportLevel, ExportTarget
from foldformer.config.choice import check_choice
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.reading.export_targets import TARGETS, Target
from foldformer.corpus.reading.load import Corpus, scaled, vectors_of

_PROGRESS = "_export.json"


def export_corpus(corpus: Corpus, output: str | Path, to: ExportTarget, level: ExportLevel = "span") -> int:
    """Write all vectors of a corpus, as float32, for another program.

    One part is in memory at a time (faiss and qdrant hold all). An export that was stopped goes on by the same call.

    Args:
        corpus: The corpus.
        output: A folder of its own.
        to: What for.
        level: "span" has a row for each vector, "document" the mean of each document's; one without has zeros.

    Returns:
        The number of rows.

    Raises:
        CorpusError: The folder holds something else, or another export.
        ConfigurationError: A package is not installed.
    """
    folder = Path(output)
    check_choice("to", to, get_args(ExportTarget))
    check_choice("level", level, get_args(ExportLevel))
    total = sum(each.num_pieces if level == "span" else each.rows for each in corpus.manifest.parts.values())
    job = {"corpus": _checksum(corpus), "to": to, "level": level, "total": total}
    part, row = _progress(folder, job)
    if 0 < part == corpus.num_files:
        return row
    target = TARGETS[to](folder, total, int(corpus.description["dim"]))
    target.begin(row)
    for index in range(part, corpus.num_files):
        rows, vectors = _part(corpus, index, level, row)
        _write_rows(folder / "rows" / f"part-{index:05d}.parquet", rows)
        _add(target, rows, vectors, row)
        row += len(vectors)
        if target.resumes:
            _save(folder, {**job, "parts": index + 1, "rows": row})
    target.finish()
    _save(folder, {**job, "parts": corpus.num_files, "rows": row})
    return row


def _checksum(corpus: Corpus) -> str:
    """Of all parts: a corpus that was made anew, or has grown, is another one."""
    parts = sorted(corpus.manifest.parts.items())
    return hashlib.sha256("\n".join(part.sha256 for _, part in parts).encode()).hexdigest()


def _progress(folder: Path, job: dict[str, Any]) -> tuple[int, int]:
    """How many parts and rows are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        said = json.loads((folder / _PROGRESS).read_bytes())
        before = {key: said[key] for key in job}
        parts, rows = int(said["parts"]), int(said["rows"])
    except FileNotFoundError as error:
        if any(folder.iterdir()):
            raise CorpusError(f"--output: got {folder}, which holds something; expected an empty folder") from error
        _save(folder, {**job, "parts": 0, "rows": 0})
        return 0, 0
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{folder / _PROGRESS}: got what no export wrote; name another folder") from error
    if before != job:
        raise CorpusError(f"--output: got {folder}, which holds another export; expected the same; name another folder")
    return parts, rows


def _part(corpus: Corpus, index: int, level: ExportLevel, first: int) -> tuple[pa.Table, NDArray[np.float32]]:
    """Rows and vectors of a part. (rows, dim)"""
    tables: list[pa.Table] = []
    blocks = [np.zeros((0, int(corpus.description["dim"])), np.float32)]  # some parts have no documents
    for batch in corpus.row_groups_of(index):
        vectors = scaled(*vectors_of(batch))
        lengths = np.diff(batch.column("pieces").offsets.to_numpy())
        documents = batch.column("id")
        if level == "document":
            blocks.append(_means(vectors, lengths))
            tables.append(pa.table({"document": documents, "place": pa.nulls(len(lengths), pa.int32())}))
            continue
        blocks.append(vectors)
        places = np.concatenate([np.arange(each, dtype=np.int32) for each in lengths] or [np.zeros(0, np.int32)])
        of_document = documents.take(pa.array(np.repeat(np.arange(len(lengths)), lengths)))
        tables.append(pa.table({"document": of_document, "place": places, "piece": batch.column("pieces").flatten()}))
    rows = pa.concat_tables(tables) if tables else pa.table({"document": pa.array([], pa.string())})
    numbers = pa.array(np.arange(first, first + len(rows), dtype=np.int64))
    return rows.add_column(0, "row", numbers), np.concatenate(blocks)


def _means(vectors: NDArray[np.float32], lengths: NDArray[Any]) -> NDArray[np.float32]:
    """Mean of the vectors of each document; zeros where there are none. (documents, dim)"""
    means = np.zeros((len(lengths), vectors.shape[1]), np.float32)
    start = 0
    for i, length in enumerate(lengths):
        if length:
            means[i] = vectors[start : start + length].mean(axis=0)
        start += length
    return means


def _add(target: Target, rows: pa.Table, vectors: NDArray[np.float32], row: int) -> None:
    if len(vectors):
        target.add(rows, np.ascontiguousarray(vectors, np.float32), row)


def _write_rows(path: Path, rows: pa.Table) -> None:
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    pq.write_table(rows, partial, compression="zstd")
    partial.replace(path)


def _save(folder: Path, state: dict[str, Any]) -> None:
    partial = folder / f".{_PROGRESS}.{os.getpid()}.partial"
    partial.write_text(json.dumps(state), encoding="utf-8")
    partial.replace(folder / _PROGRESS)


def exported_rows(output: str | Path) -> Iterator[pa.Table]:
    """Read which document each row of an export is, part by part."""
    for path in sorted((Path(output) / "rows").glob("part-*.parquet")):
        yield pq.read_table(path)
