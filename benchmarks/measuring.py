"""Compare vectors, then time systems in turn."""

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import corpora
from benchmarks.corpora import Corpus
from benchmarks.environments import UnavailableError
from benchmarks.process import Process

FLOAT32_TOLERANCE = 1e-4
"""Largest difference in any number. Vectors have numbers around 0.4; kernels differ by about 1e-6."""
BFLOAT16_COSINE = 0.995
"""Least cosine between vectors, for what may compute in bfloat16: eight bits of mantissa through six layers."""
INT8_COSINE = 0.9
"""Least mean cosine for what is quantized to eight bits; some vectors are far off, as the table says."""
PATIENCE = 40.0
"""Systems whose first round took more than these seconds are not timed again."""
CONTENDERS = 1.15
"""Settings that took this much longer than the best of their group in the first round are not timed again."""


Row = dict[str, Any]


class DisagreementError(RuntimeError):
    """A system gives other vectors than the oracle."""


def compare(processes: Sequence[Process], oracle: Process) -> dict[str, dict[str, float]]:
    """Check that all systems give the oracle's vectors, and return how far off they are.

    Raises:
        DisagreementError: One does not.
    """
    found: dict[str, dict[str, float]] = {process.system.name: {} for process in processes}
    for kind, documents in corpora.agreeing().items():
        corpus = corpora.store(f"agreement, {kind}", documents)
        expected = _vectors(oracle, corpus)
        for process in processes:
            got = _vectors(process, corpus)
            _check_shapes(got, expected)
            off = deviation(np.concatenate(got), np.concatenate(expected))
            found[process.system.name] |= {f"{kind}, {key}": value for key, value in off.items()}
            if kind != "folded" or process.system.folds:
                _check(process, off)
    return found


def interleave(processes: Sequence[Process], op: str, corpus: Corpus, repeats: int, **more: Any) -> list[Row]:
    """Time systems in turn, so that what else the machine does falls on all of them alike.

    A system that ends on the way, for want of memory for instance, is left out with a line.

    Returns:
        One row a system: name, group, words/s of the median round, seconds of all rounds, memory in MB.
    """
    alive = list(processes)
    replies: dict[str, list[Row]] = {process.system.name: [] for process in processes}
    for _ in range(repeats):
        for process in tuple(alive):
            done = replies[process.system.name]
            if done and _is_settled(process, alive, replies):
                continue
            try:
                done.append(process.request(op, corpus.path, **more))
            except UnavailableError as error:
                print(f"  left out: {process.system.name}: {error}", flush=True)
                alive.remove(process)
                continue
            print(f"  {corpus.name}: {process.system.name}: {done[-1]['seconds']:.2f} s", flush=True)
    return [_row(process, replies[process.system.name], corpus) for process in alive]


def best_of_groups(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the fastest row of each group."""
    best: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["words_per_second"]):
        best[row["group"]] = row
    return best


def speed_ratio(row: Row, reference: Row) -> float:
    """Return how many times as fast one system is as another: the median over the rounds that both ran.

    The machine may be slower in later rounds; a system that was timed once is compared within its round.
    """
    return statistics.median(other / own for own, other in zip(row["seconds"], reference["seconds"], strict=False))


def _is_settled(process: Process, processes: Sequence[Process], replies: dict[str, list[Row]]) -> bool:
    """Tell whether the first round said enough: very slow, or beaten by another setting of the same system."""
    group = [other for other in processes if other.system.group == process.system.group]
    best = min(replies[other.system.name][0]["seconds"] for other in group)
    first = replies[process.system.name][0]["seconds"]
    return bool(first > min(PATIENCE, CONTENDERS * best))


def _row(process: Process, replies: Sequence[dict[str, Any]], corpus: Corpus) -> dict[str, Any]:
    seconds = [reply["seconds"] for reply in replies]
    row = {
        "name": process.system.name,
        "group": process.system.group,
        "dtype": process.system.dtype,
        "words_per_second": corpus.num_words / statistics.median(seconds),
        "seconds": seconds,
    }
    memory = {key: max(reply[key] for reply in replies) for key in ("peak", "beyond") if key in replies[0]}
    return row | memory


def _vectors(process: Process, corpus: Corpus) -> list[np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.npz"
        process.request("vectors", corpus.path, output=str(path))
        with np.load(path) as arrays:
            return [arrays[f"arr_{i}"] for i in range(len(arrays.files))]


def _check_shapes(got: Sequence[np.ndarray], expected: Sequence[np.ndarray]) -> None:
    shapes = [[array.shape for array in arrays] for arrays in (got, expected)]
    if shapes[0] != shapes[1]:
        raise DisagreementError(f"got vectors of shapes {shapes[0]}; expected {shapes[1]}")


def deviation(got: np.ndarray, expected: np.ndarray) -> dict[str, float]:
    """Return how far vectors are from the oracle's: their largest error, their least and mean cosine.

    Args:
        got: (vectors, dim)
        expected: (vectors, dim)
    """
    norms = np.linalg.norm(got, axis=1) * np.linalg.norm(expected, axis=1)
    cosines = (got * expected).sum(1) / norms
    return {
        "largest difference": float(np.abs(got - expected).max()),
        "least cosine": float(cosines.min()),
        "mean cosine": float(cosines.mean()),
    }


def _check(process: Process, off: dict[str, float]) -> None:
    exact = process.system.dtype == "float32"
    if process.system.dtype == "int8":
        if off["mean cosine"] < INT8_COSINE:
            raise DisagreementError(f"{process.system.name}: {off}")
        return
    if off["least cosine"] < BFLOAT16_COSINE or (exact and off["largest difference"] > FLOAT32_TOLERANCE):
        raise DisagreementError(f"{process.system.name}: {off}")


def require(processes: Sequence[Process], name: str) -> Process:
    """Return the process of a system without which nothing can be said.

    Raises:
        UnavailableError: It does not run.
    """
    for process in processes:
        if process.system.name == name:
            return process
    raise UnavailableError(f"{name} does not run")
