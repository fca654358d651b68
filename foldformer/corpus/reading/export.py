"""Hand the vectors of a corpus to what searches them, part by part.

out/_export.json        how far the export is, for the next try
out/rows/part-*.parquet which document and which of its pieces each row is, in the order of the vectors
out/vectors.npy         or what else the target keeps vectors in
"""

import hashlib
from collections.abc import Iterator
from os import PathLike
from typing import get_args

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from numpy.typing import NDArray

from foldformer.choices import ExportLevel, ExportTarget
from foldformer.config.choice import check_choice
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.manifest import part_name
from foldformer.corpus.output.places import output_folder
from foldformer.corpus.reading.export_state import ExportState, read_state, save_state
from foldformer.corpus.reading.export_targets import TARGETS, Target
from foldformer.corpus.reading.load import Corpus, scaled, vectors_of

ROWS_IN_GROUP = 2**16
"""Rows that are read to tell which piece one of them is."""


def export_corpus(
    corpus: Corpus, output: str | PathLike[str], to: ExportTarget, level: ExportLevel = "span", *, unsafe: bool = False
) -> int:
    """Write all vectors of a corpus, as float32, for another program.

    One part is in memory at a time (faiss and qdrant hold all). An export that was stopped goes on by the same call.

    Args:
        corpus: The corpus.
        output: A folder of its own, a path or, for some targets, a URL.
        to: What for.
        level: "span" has a row for each vector, "document" the mean of each document's; one without has zeros.
        unsafe: Write to a store where nothing keeps another run out.

    Returns:
        The number of rows.

    Raises:
        CorpusError: The folder holds something else, or another export; or it cannot be written to.
        ConfigurationError: A package is not installed.
    """
    check_choice("to", to, get_args(ExportTarget))
    check_choice("level", level, get_args(ExportLevel))
    folder = output_folder(output, unsafe=unsafe)
    if folder.is_remote and not TARGETS[to].takes_urls:
        others = " or ".join(name for name, target in TARGETS.items() if target.takes_urls)
        raise CorpusError(
            f"--output: got {folder.location}, and {to} writes to a disk; expected a folder, or --to {others}"
        )
    with folder.locked():
        try:
            return _export(corpus, folder, _begun(folder, _new_state(corpus, to, level)))
        except OSError as error:
            raise CorpusError(
                f"{folder.location}: the export stopped ({error}); when the cause is gone (a full disk, say), run the "
                "same command again to go on"
            ) from error


def _export(corpus: Corpus, folder: OutputFolder, state: ExportState) -> int:
    if 0 < state.parts == corpus.num_files:
        return state.rows
    target = TARGETS[state.to](folder, state.total, int(corpus.description["dim"]))
    target.begin(state.rows)
    for index in range(state.parts, corpus.num_files):
        rows, vectors = _part(corpus, index, state.level, state.rows)
        _write_rows(folder, rows_name(index), rows)
        _add(target, rows, vectors, state.rows)
        state = state.grown(len(vectors))
        if target.resumes:
            save_state(folder, state)
    target.finish()
    save_state(folder, state)
    return state.rows


def _new_state(corpus: Corpus, to: ExportTarget, level: ExportLevel) -> ExportState:
    total = sum(each.num_pieces if level == "span" else each.rows for each in corpus.manifest.parts.values())
    return ExportState(corpus_checksum(corpus), to, level, total)


def corpus_checksum(corpus: Corpus) -> str:
    """Of all parts: a corpus that was made anew, or has grown, is another one."""
    parts = sorted(corpus.manifest.parts.items())
    return hashlib.sha256("\n".join(part.sha256 for _, part in parts).encode()).hexdigest()


def _begun(folder: OutputFolder, new: ExportState) -> ExportState:
    """How far the export is: as an earlier try left it, or at its beginning."""
    before = read_state(folder)
    if before is None:
        if folder.files():
            raise CorpusError(f"--output: got {folder.location}, which holds something; expected an empty folder")
        save_state(folder, new)
        return new
    if not before.is_of_same_job(new):
        raise CorpusError(
            f"--output: got {folder.location}, which holds another export; expected the same; name another folder"
        )
    return before


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


def _means(vectors: NDArray[np.float32], lengths: NDArray[np.int32]) -> NDArray[np.float32]:
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


def rows_name(part: int) -> str:
    """Name of the file that says which piece each row of a part is."""
    return f"rows/{part_name(part)}"


def _write_rows(folder: OutputFolder, name: str, rows: pa.Table) -> None:
    with folder.unfinished(name) as path:
        pq.write_table(rows, path, compression="zstd", row_group_size=ROWS_IN_GROUP)
        folder.publish(path, name)


def exported_rows(output: str | PathLike[str]) -> Iterator[pa.Table]:
    """Read which document each row of an export is, part by part."""
    folder = output_folder(output)
    state = read_state(folder)
    for part in range(0 if state is None else state.parts):
        yield pq.read_table(folder.open(rows_name(part)))
