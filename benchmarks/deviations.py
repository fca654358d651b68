"""How far bfloat16 and int8 are from float32: cosines, neighbours, and a tagger that was trained on float32 vectors.

Run: `python -m benchmarks.deviations`. Prints the rows of docs/backends.md, as this processor computes.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from benchmarks import corpora
from benchmarks.environments import UnavailableError
from benchmarks.measuring import deviation
from benchmarks.settings import prepare_model
from benchmarks.windows.treebank import read_treebank
from foldformer.choices import EmbeddingDtype
from foldformer.corpus import DocumentEmbedder

DTYPES: tuple[EmbeddingDtype, ...] = ("bfloat16", "int8")
NUM_RAGGED, LONGEST = 24, 3_000
ALL = 1_000_000
NUM_QUERIES = 1_000
NUM_NEIGHBOURS = 10
MOST_STEPS = 200

Vectors = NDArray[np.float32]


def _cells(got: Vectors, expected: Vectors) -> tuple[str, ...]:
    off = deviation(got, expected)
    least = off["least cosine"]
    return (
        f"{off['mean cosine']:.4f}",
        f"{least:.4f}" if least > 0.999 else f"{least:.3f}",
        f"{off['largest difference']:.2f}",
        f"{_same_neighbours(got, expected):.0%}",
    )


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _same_neighbours(got: Vectors, expected: Vectors) -> float:
    chosen = np.random.default_rng(0).choice(len(got), min(NUM_QUERIES, len(got)), replace=False)
    found, wanted = (_nearest(_unit(vectors), chosen) for vectors in (got, expected))
    return float(np.mean([len(np.intersect1d(*pair)) / NUM_NEIGHBOURS for pair in zip(found, wanted, strict=True)]))


def _nearest(unit: Vectors, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    scores = unit[chosen] @ unit.T
    scores[np.arange(len(chosen)), chosen] = -np.inf  # itself
    nearest: NDArray[np.int64] = np.argpartition(-scores, NUM_NEIGHBOURS, axis=1)[:, :NUM_NEIGHBOURS]
    return nearest


def _embed(model: Path, dtype: EmbeddingDtype, documents: corpora.Documents) -> Vectors:
    embedder = DocumentEmbedder.from_model(str(model), level="word", max_length=512, dtype=dtype, backend="openvino")
    return np.concatenate([document.vectors for document in embedder.embed(documents)])


def main() -> None:
    """Embed the King James text and English web text, and print a row for each dtype."""
    try:
        model, bible = prepare_model(), corpora.ragged(NUM_RAGGED, LONGEST)
    except UnavailableError as error:
        raise SystemExit(f"benchmarks: {error}") from error
    train = read_treebank("dev", ALL)
    test = read_treebank("test", ALL, train.tag_names)
    exact_bible, exact_web = (_embed(model, "float32", documents) for documents in (bible, test.documents))
    tagger = LogisticRegression(max_iter=MOST_STEPS).fit(_embed(model, "float32", train.documents), train.tags)
    print(f"tagging accuracy in float32: {tagger.score(exact_web, test.tags):.1%}")
    for dtype in DTYPES:
        found = _embed(model, dtype, test.documents)
        rows = {"King James text": _cells(_embed(model, dtype, bible), exact_bible)}
        rows["English web text"] = (*_cells(found, exact_web), f"{tagger.score(found, test.tags):.1%}")
        for text, cells in rows.items():
            print(f"| `{dtype}`, {text} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
