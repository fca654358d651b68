"""What was measured, as tables with their intervals."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.windows.features import edge_distances
from benchmarks.windows.intervals import f1, gain, interval, ratio
from benchmarks.windows.measure import FIDELITY_RULES, MIXED_RULES, Measured
from benchmarks.windows.retrieval import retrieval_rules
from benchmarks.windows.rules import HALF, SIZES, Rule, all_rules
from benchmarks.windows.store import Arrays

Figure = list[float]
BANDS = ((1, 2), (3, 5), (6, 10), (11, 15), (16, 31), (32, 63))
"""Of distances from the nearest edge of a plain window, in wordpieces."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def shown(figure: Figure, *, signed: bool = False) -> str:
    """A figure in per cent, with its interval."""
    value, low, high = (100 * each for each in figure)
    plus = "+" if signed else ""
    return f"{value:{plus}.2f} [{low:{plus}.2f}, {high:{plus}.2f}]"


def by_document(right: NDArray[np.bool_], documents: NDArray[np.int64]) -> NDArray[np.float64]:
    """Add up over words. (seeds, words) -> (seeds, documents, 2): right ones, and all."""
    counts = np.bincount(documents)
    sums = np.stack([np.bincount(documents, seed, minlength=len(counts)) for seed in right])
    return np.stack([sums, np.broadcast_to(counts, sums.shape)], axis=-1).astype(float)


def paired(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put two totals side by side, for the interval of their difference."""
    return np.concatenate([first, second], axis=-1)


def probes(measured: Measured) -> str:
    """Every rule: both tasks, what is gained over plain windows of that size, and the cost."""
    documents = measured.test.document_of_word
    rows = []
    for rule in all_rules():
        if rule.name not in measured.probes or rule.plain.name not in measured.probes:
            continue
        own, plain = measured.probes[rule.name], measured.probes[rule.plain.name]
        tags, base = by_document(own["tags"], documents), by_document(plain["tags"], documents)
        gains = interval(paired(tags, base), gain(ratio, 2))
        names = interval(paired(own["entities"], plain["entities"]), gain(f1, 3))
        is_plain = rule == rule.plain
        rows.append(
            (
                str(rule.size),
                str(rule.overlap),
                rule.mode if rule.overlap else "",
                rule.cut,
                shown(interval(tags, ratio)),
                "" if is_plain else shown(gains, signed=True),
                shown(interval(own["entities"], f1)),
                "" if is_plain else shown(names, signed=True),
                f"{own['cost'][0] / plain['cost'][0]:.2f}",
            )
        )
    head = ("size", "overlap", "rule", "cut", "UPOS accuracy", "gain", "names, F1", "gain", "wordpieces run")
    return table(head, rows)


def edges(measured: Measured, documents: list[list[str]], model: object) -> str:
    """Gain over plain windows by the distance from their edges."""
    numbers = measured.test.document_of_word
    rows = []
    for size in SIZES:
        plain = measured.probes.get(Rule(size).name)
        rivals = [measured.probes.get(Rule(size, HALF, mode).name) for mode in ("average", "max_context")]
        if plain is None or None in rivals:
            continue
        distances = edge_distances(model, documents, size)
        for low, high in BANDS:
            chosen = (distances >= low) & (distances <= high)
            if low > size // 2 or not chosen.any():
                continue
            base = of_chosen_words(plain, chosen, numbers)
            gains = [
                interval(paired(of_chosen_words(rival, chosen, numbers), base), gain(ratio, 2)) for rival in rivals
            ]
            cells = [shown(each, signed=True) for each in gains]
            rows.append(
                (
                    str(size),
                    f"{low} to {min(high, size // 2 + 1)}",
                    f"{chosen.sum():,}",
                    shown(interval(base, ratio)),
                    *cells,
                )
            )
    head = ("size", "wordpieces from the edge", "words", "no overlap", "half, average", "half, max_context")
    return table(head, rows)


def of_chosen_words(arrays: Arrays, chosen: NDArray[np.bool_], documents: NDArray[np.int64]) -> NDArray[np.float64]:
    """Add up over some of the words. (seeds, documents that have any, 2)"""
    return by_document(arrays["tags"][:, chosen], np.unique(documents[chosen], return_inverse=True)[1])


def causes(measured: Measured) -> str:
    """Positions and layers: the same windows at other positions, and other features of windows of other sizes."""
    documents = measured.test.document_of_word
    short = by_document(measured.probes[Rule(30).name]["tags"], documents)
    rows = []
    for shift, arrays in measured.shifted.items():
        own = by_document(arrays["tags"], documents)
        rows.append((f"size 30, last layer, positions {shift} to {shift + 31}", *_against(own, short, ratio)))
    mixed = {name: by_document(arrays["tags"], documents) for name, arrays in measured.mixed.items()}
    for rule in MIXED_RULES:
        if rule.name in mixed:
            label = f"size {rule.size}, overlap {rule.overlap}, mean of all layers"
            rows.append((label, *_against(mixed[rule.name], mixed[Rule(30).name], ratio)))
    return table(("vectors", "UPOS accuracy", "against size 30 without overlap"), rows)


def _against(
    own: NDArray[np.float64], base: NDArray[np.float64], measure: Callable[..., NDArray[np.float64]]
) -> tuple[str, str]:
    if own is base or np.array_equal(own, base):
        return shown(interval(own, measure)), ""
    return shown(interval(own, measure)), shown(interval(paired(own, base), gain(measure, own.shape[-1])), signed=True)


def fidelities(measured: Measured) -> str:
    """Cosine to the unfolded run."""
    rows = []
    for rule in FIDELITY_RULES:
        arrays = measured.fidelity.get(rule.name)
        if arrays is None:
            continue
        cells = [shown(_mean_cosine(arrays, arrays["distances"] <= limit)) for limit in (3, np.inf)]
        rows.append((str(rule.size), str(rule.overlap), rule.mode if rule.overlap else "", *cells))
    return table(("size", "overlap", "rule", "cosine, 1 to 3 wordpieces from an edge", "cosine, all words"), rows)


def _mean_cosine(arrays: Arrays, chosen: NDArray[np.bool_]) -> Figure:
    documents = np.unique(arrays["documents"][chosen], return_inverse=True)[1]
    sums = np.stack([np.bincount(documents, arrays["cosines"][chosen]), np.bincount(documents)], axis=-1)
    return interval(sums[None], ratio)


def retrievals(measured: Measured) -> str:
    """Search for the next verse, and for the same chapter."""
    alone = search_sums(measured.retrieval["alone"])
    rows = []
    for rule in retrieval_rules():
        arrays = measured.retrieval.get("alone" if rule is None else rule.name)
        if arrays is None:
            continue
        own = search_sums(arrays)
        plain = None if rule is None else measured.retrieval.get(rule.plain.name)
        name = ("every verse alone", "") if rule is None else (str(rule.size), str(rule.overlap))
        cells = []
        for column in (0, 1):
            mine, theirs = own[..., [column, 2]], alone[..., [column, 2]]
            cells += list(_against(mine, theirs, ratio))
            cells.append("" if plain is None else _against(mine, search_sums(plain)[..., [column, 2]], ratio)[1])
        rows.append((*name, *cells))
    gains = ("against alone", "against no overlap")
    head = ("size", "overlap", "next verse, MRR", *gains, "same chapter, of 10 nearest", *gains)
    return table(head, rows)


def search_sums(arrays: Arrays) -> NDArray[np.float64]:
    """Add up over chapters. (1, chapters, 3): both scores, and queries"""
    chapters = np.unique(arrays["chapters"], return_inverse=True)[1]
    columns = [*arrays["scores"].T, np.ones(len(chapters))]
    return np.stack([np.bincount(chapters, column) for column in columns], axis=-1)[None]


def tuning(measured: Measured) -> str:
    """A tagger that trains."""
    documents = measured.test.document_of_word
    totals = {
        name: by_document(np.stack([arrays["tags"] for arrays in seeds]), documents)
        for name, seeds in measured.tuned.items()
    }
    rows = []
    for name, own in totals.items():
        size, shared, _ = name.split(" | ")
        plain = totals[Rule(int(size)).name]
        overlap = "0" if shared == "0" else str(Rule(int(size), float(shared.split()[0])).overlap)
        rows.append((size, overlap, *_against(own, plain, ratio)))
    return table(("size", "overlap", "UPOS accuracy", "gain"), rows)
