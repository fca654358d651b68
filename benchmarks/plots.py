"""Throughput against document length, and memory against corpus size."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "foldformer"  # the same figures give the same file

from matplotlib import pyplot  # noqa: E402

SIZE = (6.0, 3.2)
"""Inches."""


def draw(measured: dict[str, Any], folder: Path) -> list[Path]:
    """Draw both plots and return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    throughput = {"foldformer, float32": measured["by_length"]}
    memory = {"one document": measured["one_document"], "documents of 500 wordpieces": measured["many_documents"]}
    return [
        _plot(
            folder / "throughput-against-document-length.svg",
            throughput,
            "words_per_second",
            ("wordpieces in a document", "words/s"),
        ),
        _plot(
            folder / "memory-against-corpus-size.svg",
            memory,
            "beyond",
            ("wordpieces in the corpus", "MB beyond weights and output"),
        ),
    ]


def _plot(path: Path, lines: dict[str, Sequence[dict[str, Any]]], key: str, labels: tuple[str, str]) -> Path:
    figure, axes = pyplot.subplots(figsize=SIZE, layout="constrained")
    for name, rows in lines.items():
        axes.plot([row["size"] for row in rows], [row[key] for row in rows], marker="o", label=name)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    return path
