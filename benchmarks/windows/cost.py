"""Whether overlap costs as much processor time as it runs more wordpieces."""

import statistics
from pathlib import Path

import numpy as np

from benchmarks.windows.features import embed_words
from benchmarks.windows.rules import HALF, SIZES, Rule
from benchmarks.windows.store import Arrays, Store
from benchmarks.windows.tables import table

ROUNDS = 3


def cost(store: Store, model: Path, documents: list[list[str]], *, quick: bool) -> str:
    """Time both in turn, and show the ratios."""
    rows = []
    for size in SIZES[: 1 if quick else None]:
        rule = Rule(size, HALF)
        arrays = store.get(
            f"cost {rule.name}", lambda rule=rule: rounds_of(model, documents, rule, 1 if quick else ROUNDS)
        )
        wordpieces, seconds = arrays["wordpieces"], arrays["seconds"]
        run, took = wordpieces[1] / wordpieces[0], statistics.median(seconds[:, 1] / seconds[:, 0])
        rows.append((str(size), str(rule.overlap), f"{run:.3f}", f"{took:.3f}", f"{100 * (took / run - 1):+.1f} %"))
    return table(("size", "overlap", "wordpieces", "processor time", "beyond the wordpieces"), rows)


def rounds_of(model: Path, documents: list[list[str]], rule: Rule, rounds: int) -> Arrays:
    """Embed without and with overlap in turn.

    Returns:
        `wordpieces` without and with overlap, (2,), and processor `seconds` of every round, (rounds, 2).
    """
    pairs = [[embed_words(model, documents, each) for each in (rule.plain, rule)] for _ in range(rounds)]
    return {
        "wordpieces": np.array([features.num_run for features in pairs[0]]),
        "seconds": np.array([[features.seconds for features in pair] for pair in pairs]),
    }
