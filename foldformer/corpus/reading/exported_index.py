"""Find the nearest vectors by what a corpus was exported to."""

from bisect import bisect_right
from itertools import accumulate
from os import PathLike
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from numpy.typing import NDArray

from foldformer.choices import ExportLevel
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.places import output_folder
from foldformer.corpus.reading.export import corpus_checksum, rows_name
from foldformer.corpus.reading.export_state import read_state
from foldformer.corpus.reading.export_targets import FAISS, imported, lance_arguments
from foldformer.corpus.reading.hits import CONTEXT, Hit
from foldformer.corpus.reading.load import Corpus


class ExportedIndex:
    """An export to faiss or lance that stands for its corpus.

    What is approximate in the answers is what somebody made of the export: as it is written, it is exact.

    Args:
        corpus: The corpus.
        location: Of the export, a path or a URL.

    Raises:
        CorpusError: There is no such export, it is of another corpus, or it has not come to its end.
    """

    def __init__(self, corpus: Corpus, location: str | PathLike[str]) -> None:
        self._corpus = corpus
        self._folder = folder = output_folder(location)
        state = read_state(folder)
        if state is None or state.to not in _SEARCHES:
            found = "no export" if state is None else f"one to {state.to}"
            raise CorpusError(f"--index: got {location}, which holds {found}; expected one to {' or '.join(_SEARCHES)}")
        if state.corpus != corpus_checksum(corpus):
            raise CorpusError(f"--index: got {location}, an export of another corpus; export this one anew")
        if state.rows != state.total or state.parts != corpus.num_files:
            raise CorpusError(f"--index: got {location}, an export that was stopped; give its command again to go on")
        self._search = _SEARCHES[state.to]
        self.level: ExportLevel = state.level
        sizes = (part.num_pieces if state.level == "span" else part.rows for part in corpus.manifest.parts.values())
        self._ends = list(accumulate(sizes))

    def nearest(self, query: NDArray[np.float32], top: int) -> list[Hit]:
        """The rows whose vectors have the largest cosine with the query's, the nearest first.

        Args:
            query: (dim,)
            top: How many.
        """
        unit = query / max(float(np.linalg.norm(query)), np.finfo(np.float32).tiny)
        found = self._search(self._folder, unit, min(top, self._ends[-1] if self._ends else 0))
        hit = self._piece if self.level == "span" else self._document
        return [hit(row, score) for row, score in found]

    def _document(self, row: int, score: float) -> Hit:
        document = self._corpus[row]
        return Hit(score, document.id, 0, " ".join(document.pieces), (), ())

    def _piece(self, row: int, score: float) -> Hit:
        part = bisect_right(self._ends, row)
        at = row - (self._ends[part - 1] if part else 0)
        rows = _rows(self._folder, part, at - CONTEXT, at + 1 + CONTEXT)
        begins = rows["row"].to_numpy() - rows["place"].to_numpy()  # the first row of each one's document
        own = rows.filter(pa.array(begins == begins[rows["row"].to_numpy() == row]))
        middle = row - own["row"][0].as_py()
        pieces = own["piece"].to_pylist()
        before, after = tuple(pieces[:middle]), tuple(pieces[middle + 1 :])
        return Hit(score, own["document"][middle].as_py(), own["place"][middle].as_py(), pieces[middle], before, after)


def _rows(folder: OutputFolder, part: int, start: int, end: int) -> pa.Table:
    """Some rows of a part, and others of their row groups."""
    with pq.ParquetFile(folder.open(rows_name(part))) as file:
        ends = list(accumulate(file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)))
        groups = range(bisect_right(ends, max(0, start)), min(len(ends) - 1, bisect_right(ends, end)) + 1)
        table = file.read_row_groups(list(groups))
    skipped = ends[groups[0] - 1] if groups[0] else 0
    first = max(0, start) - skipped
    return table.slice(first, end - skipped - first)


def _by_faiss(folder: OutputFolder, unit: NDArray[np.float32], top: int) -> list[tuple[int, float]]:
    faiss = imported("faiss", "faiss-cpu")
    file: Any = folder.open(FAISS)
    index = faiss.read_index(file) if isinstance(file, str) else faiss.read_index(faiss.PyCallbackIOReader(file.read))
    scores, rows = index.search(unit[None].astype(np.float32), top)
    return [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]


def _by_lance(folder: OutputFolder, unit: NDArray[np.float32], top: int) -> list[tuple[int, float]]:
    dataset = imported("lance", "pylance").dataset(**lance_arguments(folder))
    nearest = {"column": "vector", "q": unit, "k": top, "metric": "cosine"}
    found = dataset.to_table(nearest=nearest)
    pairs = zip(found["row"].to_pylist(), found["_distance"].to_pylist(), strict=True)
    return [(row, 1 - away) for row, away in pairs if away == away]  # from what is all zeros it is no number


_SEARCHES = {"faiss": _by_faiss, "lance": _by_lance}
