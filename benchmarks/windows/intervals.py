"""Intervals by drawing test documents anew."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
LEVEL = 95
"""Per cent."""


def interval(totals: NDArray[np.float64], measure: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> list[float]:
    """Return a figure and the ends of its interval.

    Args:
        totals: What is added up over documents, for each seed. (seeds, documents, columns)
        measure: Makes figures of the sums. (..., columns) -> (...)

    Returns:
        The mean over seeds; the 2.5th and the 97.5th percentile over draws of documents, with a seed drawn each time.
    """
    seeds, documents, _ = totals.shape
    generator = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        times = np.bincount(generator.integers(documents, size=documents), minlength=documents)
        chosen = totals[generator.integers(seeds, size=seeds)]
        drawn.append(measure(np.einsum("sdc,d->sc", chosen, times)).mean())
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return [float(measure(totals.sum(1)).mean()), float(low), float(high)]


def ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first column over the second: an accuracy."""
    return sums[..., 0] / sums[..., 1]


def f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Right, predicted and gold spans to F1."""
    return 2 * sums[..., 0] / np.maximum(sums[..., 1] + sums[..., 2], 1)


def gain(
    measure: Callable[[NDArray[np.float64]], NDArray[np.float64]], columns: int
) -> Callable[..., NDArray[np.float64]]:
    """Return what measures the first columns minus the same of the others, for pairs."""
    return lambda sums: measure(sums[..., :columns]) - measure(sums[..., columns:])
