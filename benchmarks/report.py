"""Results as Markdown, and into the docs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import plots
from benchmarks.goals import goals
from benchmarks.measuring import best_of_groups, speed_ratio

BEGIN = "<!-- measured: written by `make bench` -->"
END = "<!-- end of measured -->"
REFERENCE = "hand-packed transformers, float32"


def text(results: dict[str, Any]) -> str:
    """Return all tables as Markdown."""
    parts = [_goals(results), *(show(results[name]) for name, show in _SHOWN.items() if name in results)]
    return "\n\n".join(part for part in parts if part)


def write(results: dict[str, Any], docs: Path) -> None:
    """Put tables and plots into the docs, leaving what stands around them."""
    page = docs / "benchmarks.md"
    content = page.read_text() if page.exists() else f"# Benchmarks\n\n{BEGIN}\n{END}\n"
    before, _, rest = content.partition(BEGIN)
    after = rest.partition(END)[2]
    images = plots.draw(results["long"], docs / "images") if "long" in results else []
    pictures = "".join(f"\n![{image.stem.replace('-', ' ')}](images/{image.name})\n" for image in images)
    page.write_text(f"{before}{BEGIN}\n\n{text(results)}\n{pictures}\n{END}{after}")


def _goals(results: dict[str, Any]) -> str:
    rows = [(goal.name, goal.shown_goal(), goal.shown_value(), goal.verdict()) for goal in goals(results)]
    return "### Goals\n\n" + _table(("figure", "goal", "measured", ""), rows) if rows else ""


def _machine(measured: dict[str, Any]) -> str:
    gflops = ", ".join(f"{value:,.0f} GFLOP/s in {dtype}" for dtype, value in measured["gflops"].items())
    return (
        f"### Machine\n\n{measured['processor']}, {measured['cores']} cores, "
        f"{', '.join(measured['instructions'])}. Matrix multiplication: {gflops}."
    )


def _inference(measured: dict[str, Any]) -> str:
    return "\n\n".join(
        [
            *(_corpus(name, corpus) for name, corpus in measured["corpora"].items()),
            _agreement(measured["agreement"]),
            "Versions: " + "; ".join(_versions(measured["versions"])) + ".",
        ]
    )


def _corpus(name: str, corpus: dict[str, Any]) -> str:
    best = best_of_groups(corpus["rows"])
    ratio = _ratio_to(best.get(REFERENCE))
    rows = [
        (
            f"**{row['name']}**" if best[row["group"]] is row else row["name"],
            f"{row['words_per_second']:,.0f}",
            ratio(row),
            f"{row['beyond']:,.0f}",
            f"{row['peak']:,.0f}",
            str(len(row["seconds"])),
        )
        for row in corpus["rows"]
    ]
    header = ("system", "words/s", "ratio", "MB beyond weights and output", "MB peak", "rounds")
    title = f"### {name.capitalize()}\n\n{corpus['documents']:,} documents, {corpus['words']:,} words"
    return f"{title}. Ratio to the best float32 budget of hand-packed transformers.\n\n{_table(header, rows)}"


def _agreement(agreement: dict[str, dict[str, float]]) -> str:
    keys = (
        *("one segment, largest difference", "one segment, mean cosine", "one segment, least cosine"),
        "folded, largest difference",
    )
    rows = [(name, *(_number(found[key]) for key in keys)) for name, found in agreement.items()]
    return "### Agreement with one segment at a time\n\n" + _table(("system", *keys), rows)


def _versions(versions: dict[str, dict[str, str]]) -> list[str]:
    return [
        f"{name}: {', '.join(f'{key} {value}' for key, value in found.items())}" for name, found in versions.items()
    ]


def _training(measured: dict[str, Any]) -> str:
    best = best_of_groups(measured["rows"])
    ratio = _ratio_to(best.get(REFERENCE))
    rows = [
        (row["name"], f"{row['words_per_second']:,.0f}", ratio(row), f"{row['beyond']:,.0f}", str(len(row["seconds"])))
        for row in measured["rows"]
    ]
    title = (
        f"### Training\n\n{measured['documents']} ragged documents, {measured['words']:,} words, batches of 8, AdamW."
    )
    return f"{title}\n\n{_table(('system', 'words/s', 'ratio', 'MB beyond weights', 'rounds'), rows)}"


def _long(measured: dict[str, Any]) -> str:
    header = ("what", "documents", "words", "words/s", "MB beyond weights and output")
    titles = {
        "by_length": "documents of {size:,} wordpieces",
        "one_document": "one document of {size:,} wordpieces",
        "many_documents": "many documents, {size:,} wordpieces",
        "million_words": "one document, {name}",
    }
    rows = [_long_row(title, row) for key, title in titles.items() for row in measured[key]]
    rows += [_long_row(f"ragged documents, layers {key}", row) for key, row in measured["layers"].items()]
    return f"### Long documents\n\n{_table(header, rows)}"


def _long_row(title: str, row: dict[str, Any]) -> tuple[str, ...]:
    numbers = (row["documents"], row["words"], row["words_per_second"], row["beyond"])
    return (title.format(**row), *(f"{number:,.0f}" for number in numbers))


def _startup(measured: dict[str, Any]) -> str:
    return (
        f"### Start\n\nImporting torch and transformers and loading the weights: {measured['loading']:.2f} s. "
        f"`foldformer embed` of one sentence: {measured['embedding']:.2f} s."
    )


def _tagging(measured: dict[str, Any]) -> str:
    rows = [(row["name"], f"{row['accuracy']:.4f}", f"{row['seconds']:.0f}") for row in measured["rows"]]
    return "### Tagging\n\n" + _table(("system", "best accuracy", "seconds, the whole command"), rows)


def _overlap(measured: dict[str, Any]) -> str:
    rows = [
        (f"{row['overlap']} of {row['size']}", f"{row['wordpieces']:.3f}", f"{row['time']:.3f}", str(row["rounds"]))
        for row in measured["rows"]
    ]
    title = (
        f"### Overlap\n\n{measured['documents']} ragged documents, {measured['words']:,} words, float32, PyTorch. "
        "Wordpieces run and processor time, both as ratios to the same segments without overlap."
    )
    return f"{title}\n\n{_table(('content wordpieces shared', 'wordpieces', 'processor time', 'rounds'), rows)}"


_SHOWN: dict[str, Callable[[dict[str, Any]], str]] = {
    "machine": _machine,
    "inference": _inference,
    "training": _training,
    "long": _long,
    "overlap": _overlap,
    "startup": _startup,
    "tagging": _tagging,
}


def _ratio_to(reference: dict[str, Any] | None) -> Callable[[dict[str, Any]], str]:
    if reference is None:
        return lambda row: "-"  # noqa: ARG005
    return lambda row: f"{speed_ratio(row, reference):.2f}"


def _number(value: float) -> str:
    return f"{value:.1e}" if abs(value) < 0.001 else f"{value:.4f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    aligned = ["---", *(["---:"] * (len(header) - 1))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, aligned, *rows))
