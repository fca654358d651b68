"""What there is to see around one document: how near its pieces are to each other, what else is near, and a map."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foldformer.corpus.reading.hits import Hit, PieceTable
from foldformer.corpus.reading.load import Corpus, StoredDocument, scaled, vectors_of

MOST_PIECES = 500
"""Of a document that are looked at: a page has a number for each pair of them."""
NUM_NEAREST = 8
_AT_ONCE = 4096
"""Vectors that are compared with the document's at a time."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """One document among the others.

    Args:
        document: The document.
        num_pieces: How many of its pieces, from the first, are looked at.
        cosines: Between these. (pieces, pieces)
        nearest: For each of them the pieces of other documents that are nearest to it.
        sample: Pieces of the corpus by chance, those of the document left out.
        sample_points: Their places on the map. (sample, 2)
        own_points: The places of the document's pieces. (pieces, 2)
        share: How much of the variance of the sample the map shows, in [0, 1].
    """

    document: StoredDocument
    num_pieces: int
    cosines: NDArray[np.float32]
    nearest: list[list[Hit]]
    sample: list[Hit]
    sample_points: NDArray[np.float32]
    own_points: NDArray[np.float32]
    share: float


def surroundings(corpus: Corpus, row: int, sample_size: int = 2000, seed: int = 0) -> Surroundings:
    """Look at a document and at all of its corpus, one row group in memory at a time.

    Args:
        corpus: The corpus.
        row: Which of its documents.
        sample_size: Pieces on the map.
        seed: Of the choice of these.
    """
    document = corpus[row]
    own = _unit(document.as_float32()[:MOST_PIECES])
    nearest = _Nearest(own)
    total = sum(part.num_pieces for part in corpus.manifest.parts.values())
    chosen = np.random.default_rng(seed).choice(total, min(sample_size, total), replace=False)
    chosen.sort()
    sample: list[Hit] = []
    vectors_sampled = [np.zeros((0, own.shape[1]), np.float32)]
    first_row = first_piece = 0
    for batch in corpus.row_groups(corpus.vector_columns):
        table, vectors = PieceTable(batch), _unit(scaled(*vectors_of(batch)))
        own_span = range(0)
        if first_row <= row < first_row + batch.num_rows:
            own_span = range(*table.offsets[row - first_row : row - first_row + 2].tolist())
        nearest.look_at(table, vectors, own_span)
        bounds = np.searchsorted(chosen, [first_piece, first_piece + len(vectors)])
        for index in (chosen[slice(*bounds)] - first_piece).tolist():
            if index not in own_span:
                sample.append(table.hit(index, 0.0))
                vectors_sampled.append(vectors[index : index + 1])
        first_row, first_piece = first_row + batch.num_rows, first_piece + len(vectors)
    points, own_points, share = principal_map(np.concatenate(vectors_sampled), own)
    return Surroundings(document, len(own), own @ own.T, nearest.hits, sample, points, own_points, share)


class _Nearest:
    """Keeps the nearest of what it is shown.

    Args:
        own: Unit vectors. (pieces, dim)
    """

    def __init__(self, own: NDArray[np.float32]) -> None:
        self._own = own
        self._worst = np.full(len(own), -np.inf, np.float32)
        self.hits: list[list[Hit]] = [[] for _ in own]

    def look_at(self, table: PieceTable, vectors: NDArray[np.float32], own_span: range) -> None:
        """Compare unit vectors, a span of which may be the document's own. (vectors, dim)"""
        for start in range(0, len(vectors), _AT_ONCE):
            scores = self._own @ vectors[start : start + _AT_ONCE].T  # (pieces, vectors)
            scores[:, max(0, own_span.start - start) : max(0, own_span.stop - start)] = -np.inf
            for piece in np.flatnonzero(scores.max(axis=1, initial=-np.inf) > self._worst):
                self._add(int(piece), scores[piece], table, start)

    def _add(self, piece: int, scores: NDArray[np.float32], table: PieceTable, start: int) -> None:
        best = np.argsort(-scores, kind="stable")[:NUM_NEAREST]
        found = [table.hit(start + int(i), float(scores[i])) for i in best if scores[i] > self._worst[piece]]
        kept = sorted([*self.hits[piece], *found], key=lambda hit: -hit.score)[:NUM_NEAREST]
        self.hits[piece] = kept
        if len(kept) == NUM_NEAREST:
            self._worst[piece] = kept[-1].score


def principal_map(
    sample: NDArray[np.float32], own: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Lay vectors on the plane in which a sample of them is spread most (principal component analysis).

    Args:
        sample: The sample; the other vectors where it is empty. (sample, dim)
        own: Other vectors. (pieces, dim)

    Returns:
        Places of the sample and of the others, (sample, 2) and (pieces, 2), and the share of the sample's variance.
    """
    spread = sample if len(sample) else own
    if not len(spread):
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32), 0.0
    mean = spread.mean(axis=0)
    variances, axes = np.linalg.eigh(np.atleast_2d(np.cov(spread, rowvar=False, bias=True)))
    plane = np.zeros((spread.shape[1], 2))
    count = min(2, len(variances))
    plane[:, :count] = axes[:, ::-1][:, :count]
    # an axis and its opposite are equally good: the largest number is made positive, so that maps can be compared
    plane *= np.sign(plane[np.abs(plane).argmax(axis=0), [0, 1]] + 1e-30)
    total = float(variances.sum())
    share = float(variances[-count:].sum()) / total if total > 0 else 0.0
    return ((sample - mean) @ plane).astype(np.float32), ((own - mean) @ plane).astype(np.float32), share


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of length 1; zeros for zeros, and for what is no number. (vectors, dim)"""
    finite = np.nan_to_num(vectors, nan=0.0, posinf=0.0, neginf=0.0)
    norms = np.maximum(np.linalg.norm(finite, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    unit: NDArray[np.float32] = finite / norms
    return unit
