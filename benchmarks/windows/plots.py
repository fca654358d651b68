"""Accuracy against window length, and gain against the distance from an edge."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from benchmarks.plots import SIZE, pyplot
from benchmarks.windows.features import edge_distances
from benchmarks.windows.intervals import gain, interval, ratio
from benchmarks.windows.measure import Measured
from benchmarks.windows.rules import HALF, SIZES, WHOLE, Rule
from benchmarks.windows.tables import BANDS, by_document, of_chosen_words, paired, search_sums


def draw(measured: Measured, model: Path, folder: Path) -> list[Path]:
    """Draw all plots and return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _accuracy(measured, folder / "windows-accuracy.svg"),
        _edges(measured, model, folder / "windows-edges.svg"),
        _retrieval(measured, folder / "windows-retrieval.svg"),
    ]


def _accuracy(measured: Measured, path: Path) -> Path:
    documents = measured.test.document_of_word
    figure, axes = pyplot.subplots(figsize=SIZE, layout="constrained")
    lines = {
        "no overlap": [Rule(size) for size in (*SIZES, 254, WHOLE)],
        "half, average": [Rule(size, HALF) for size in SIZES],
        "half, max_context": [Rule(size, HALF, "max_context") for size in SIZES],
    }
    for name, rules in lines.items():
        present = [rule for rule in rules if rule.name in measured.probes]
        figures = [interval(by_document(measured.probes[rule.name]["tags"], documents), ratio) for rule in present]
        _line(axes, [rule.size for rule in present], figures, name)
    axes.set_xscale("log")
    axes.set_xticks([*SIZES, 254, WHOLE], [str(size) for size in (*SIZES, 254, WHOLE)])
    axes.minorticks_off()
    return _save(figure, axes, path, ("content wordpieces in a window", "UPOS accuracy, %"))


def _edges(measured: Measured, model: Path, path: Path) -> Path:
    numbers = measured.test.document_of_word
    figure, axes = pyplot.subplots(figsize=SIZE, layout="constrained")
    distances = edge_distances(model, measured.test.documents, 62)
    for mode in ("average", "max_context"):
        pairs = [measured.probes.get(rule.name) for rule in (Rule(62, HALF, mode), Rule(62))]
        if None in pairs:
            continue
        middles, figures = [], []
        for low, high in BANDS[:-1]:
            chosen = (distances >= low) & (distances <= high)
            totals = paired(*(of_chosen_words(arrays, chosen, numbers) for arrays in pairs))
            middles.append((low + high) / 2)
            figures.append(interval(totals, gain(ratio, 2)))
        _line(axes, middles, figures, f"half, {mode}")
    axes.axhline(0, color="grey", linewidth=0.8)
    return _save(figure, axes, path, ("wordpieces from the edge of a plain window of 62", "gain in accuracy, points"))


def _retrieval(measured: Measured, path: Path) -> Path:
    figure, axes = pyplot.subplots(figsize=SIZE, layout="constrained")
    for part, name in ((0.0, "in context, no overlap"), (HALF, "in context, half shared")):
        rules = [Rule(size, part) for size in (*SIZES, 254, WHOLE)]
        present = [rule for rule in rules if rule.name in measured.retrieval]
        figures = [interval(search_sums(measured.retrieval[rule.name])[..., [1, 2]], ratio) for rule in present]
        _line(axes, [rule.size for rule in present], figures, name)
    alone = interval(search_sums(measured.retrieval["alone"])[..., [1, 2]], ratio)
    axes.axhline(100 * alone[0], color="grey", linestyle="--", label="every verse alone")
    axes.set_xscale("log")
    axes.set_xticks([*SIZES, 254, WHOLE], [str(size) for size in (*SIZES, 254, WHOLE)])
    axes.minorticks_off()
    return _save(figure, axes, path, ("content wordpieces in a window", "of 10 nearest, same chapter, %"))


def _line(axes: Axes, places: list[float], figures: list[list[float]], name: str) -> None:
    if not figures:
        return
    values, low, high = 100 * np.array(figures).T
    axes.errorbar(places, values, [values - low, high - values], marker="o", capsize=3, label=name)


def _save(figure: Any, axes: Axes, path: Path, labels: tuple[str, str]) -> Path:
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    return path
