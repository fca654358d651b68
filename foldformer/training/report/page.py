"""`report.html`: how a training went, on one page that needs nothing else."""

import base64
import html
import io
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from foldformer.config.optional import import_optional
from foldformer.text.atomic import atomic
from foldformer.training.report.confusion import Confusion

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>body{{font:16px sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse}}td,th{{padding:.2rem .8rem;text-align:left;border-bottom:1px solid #ddd}}
img{{max-width:100%}}</style>
<h1>{title}</h1>
{body}
</html>
"""
_EPOCH = re.compile(r"metrics_epoch_(\d+)\.json$")
_MOST_LABELS = 40
_LONGEST_LABEL = 40


def write_report(folder: Path, model: nn.Module, confusion: Confusion | None) -> Path:
    """Draw loss and metrics by epoch, the weights of scalar mixes and the confusion matrix.

    Args:
        folder: The training folder.
        model: With its best weights.
        confusion: True and predicted labels of the validation data; None where the model predicts none.

    Returns:
        The page.

    Raises:
        MissingPackageError: matplotlib is not installed.
    """
    import_optional("matplotlib", extra="train")
    parts = [_table(json.loads((folder / "metrics.json").read_text(encoding="utf-8")))]
    with _texts_as_they_are():
        for name, curves in _curves(_epochs(folder)).items():
            parts.append(_figure(name, _draw_curves(name, curves)))
        for name, weights in scalar_mix_weights(model).items():
            parts.append(_figure(f"layer weights of {name}", _draw_bars(weights)))
        if confusion is not None and confusion.labels:
            parts.append(_figure("confusion matrix of the validation data", _draw_confusion(confusion)))
    text = _PAGE.format(title=html.escape(folder.resolve().name), body="\n".join(parts))
    page = folder / "report.html"
    with atomic(page) as part:
        part.write_bytes(text.encode(errors="xmlcharrefreplace"))  # names may hold half of a surrogate pair
    return page


@contextmanager
def _texts_as_they_are() -> Iterator[None]:
    """Draw `$` and backslashes as they stand, and characters that no font has as boxes."""
    import matplotlib

    with matplotlib.rc_context({"text.parse_math": False, "text.usetex": False}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield


def scalar_mix_weights(model: nn.Module) -> dict[str, list[float]]:
    """The normalized weight of every layer, by the name of the scalar mix."""
    return {
        name: torch.softmax(torch.cat([each.detach().float().cpu() for each in module.scalar_parameters]), 0).tolist()
        for name, module in model.named_modules()
        if isinstance(getattr(module, "scalar_parameters", None), nn.ParameterList)
    }


def _epochs(folder: Path) -> dict[int, Mapping[str, Any]]:
    found = ((_EPOCH.search(path.name), path) for path in folder.glob("metrics_epoch_*.json"))
    epochs = {int(match[1]): json.loads(path.read_text(encoding="utf-8")) for match, path in found if match}
    return dict(sorted(epochs.items()))


def _curves(epochs: Mapping[int, Mapping[str, Any]]) -> dict[str, dict[str, dict[int, float]]]:
    # metric -> training or validation -> epoch -> value
    curves: dict[str, dict[str, dict[int, float]]] = {}
    for epoch, metrics in epochs.items():
        for name, value in metrics.items():
            part, _, metric = name.partition("_")
            if part in ("training", "validation") and isinstance(value, (int, float)) and "memory" not in metric:
                curves.setdefault(metric, {}).setdefault(part, {})[epoch] = float(value)
    return curves


def _table(metrics: Mapping[str, Any]) -> str:
    rows = (f"<tr><th>{html.escape(name)}</th><td>{_shown(value)}</td></tr>" for name, value in metrics.items())
    return f"<table>{''.join(rows)}</table>"


def _shown(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else html.escape(str(value))


def _drawn(text: str) -> str:
    """A label that a picture has room for, without what the drawing library stumbles over."""
    printable = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return printable if len(printable) <= _LONGEST_LABEL else f"{printable[: _LONGEST_LABEL - 1]}…"


def _figure(title: str, picture: bytes) -> str:
    data = base64.b64encode(picture).decode("ascii")
    return f'<h2>{html.escape(title)}</h2><img alt="{html.escape(title)}" src="data:image/png;base64,{data}">'


def _draw_curves(name: str, curves: Mapping[str, Mapping[int, float]]) -> bytes:
    figure, axes = _new_figure()
    for part, points in curves.items():
        axes.plot(list(points), list(points.values()), marker="o", label=part)
    axes.set_xlabel("epoch")
    axes.set_ylabel(_drawn(name))
    axes.legend()
    return _as_png(figure)


def _draw_bars(weights: list[float]) -> bytes:
    figure, axes = _new_figure()
    axes.bar(range(len(weights)), weights)
    axes.set_xlabel("layer")
    axes.set_ylabel("weight")
    return _as_png(figure)


def _draw_confusion(confusion: Confusion) -> bytes:
    labels = confusion.labels[:_MOST_LABELS]
    figure, axes = _new_figure()
    axes.imshow([[confusion.counts[true, guess] for guess in labels] for true in labels], cmap="Blues")
    names = [_drawn(label) for label in labels]
    axes.set_xticks(range(len(labels)), names, rotation=90)
    axes.set_yticks(range(len(labels)), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    if len(labels) <= 12:
        for row, true in enumerate(labels):
            for column, guess in enumerate(labels):
                axes.text(column, row, str(confusion.counts[true, guess]), ha="center", va="center")
    return _as_png(figure)


def _new_figure() -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    return figure, figure.subplots()


def _as_png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()
