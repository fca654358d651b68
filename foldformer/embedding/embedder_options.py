"""Check the parameters of a `DocumentEmbedder` before anything is loaded."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import torch

from foldformer.choices import (
    BackendName,
    Cut,
    DocumentMode,
    EmbeddingDtype,
    Layers,
    Level,
    OverlapMode,
    PieceMode,
    SpanMode,
)
from foldformer.config import ConfigurationError, Problem, check
from foldformer.config.choice import check_choice
from foldformer.config.nearest import did_you_mean, show
from foldformer.engine.windows.cuts import Windowing
from foldformer.models import TokenEmbedder
from foldformer.text.splitters import Splitter

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "level": get_args(Level),
    "layers": get_args(Layers),
    "word_mode": get_args(PieceMode),
    "document_mode": get_args(DocumentMode),
    "dtype": get_args(EmbeddingDtype),
    "backend": get_args(BackendName),
    "overlap_mode": get_args(OverlapMode),
    "cut": get_args(Cut),
    "span_mode": get_args(SpanMode),
}
_OUTSIDE = {
    "model_name": "model_name",
    "max_length": "max_length",
    "dtype": "dtype",
    "max_batch_tokens": "batch_tokens",
    "overlap": "overlap",
    "overlap_mode": "overlap_mode",
    "last_layer_only": 'layers ("last" or "mix")',
}
"""Parameters of the embedder that have a parameter beside `embedder`, and its name."""
_DEVICES = ("cpu", "cuda", "mps", "xpu")


def check_choices(**given: str) -> None:
    """Check parameters that have a few values.

    Raises:
        ConfigurationError: One has another value.
    """
    for name, value in given.items():
        check_choice(name, value, _CHOICES[name])


def check_batch_tokens(batch_tokens: int | None) -> None:
    """Check that a micro-batch may hold something.

    Raises:
        ConfigurationError: It may not.
    """
    if batch_tokens is not None and batch_tokens < 1:
        raise ConfigurationError(f"batch_tokens: got {batch_tokens}; expected a positive number of wordpieces")


def problems_of_arithmetic(dtype: EmbeddingDtype, backend: BackendName, calibration: str | None) -> Iterator[Problem]:
    """Find a dtype, backend and calibration that do not fit each other."""
    if dtype == "int8" and backend == "torch":
        message = 'got "int8" with backend "torch"; expected backend "openvino" or "auto" beside it'
        yield Problem("dtype", message)
    if calibration is not None and dtype != "int8":
        message = f'got {show(calibration)} with dtype {show(dtype)}; expected dtype "int8" beside it'
        yield Problem("calibration", message)


def describe_windows(
    windowing: Windowing, overlap_mode: OverlapMode, sentence_splitter: Splitter | None
) -> dict[str, Any]:
    """Return what tells vectors of overlapping or otherwise cut segments apart; nothing for plain ones."""
    said: dict[str, Any] = {}
    if windowing.overlap:
        said |= {"overlap": windowing.overlap, "overlap_mode": overlap_mode}
    if windowing.cut != "wordpiece":
        said["cut"] = windowing.cut
    if sentence_splitter is not None:
        said["sentence_splitter"] = sentence_splitter.describe()
    return said


def describe_spans(spans: Splitter | None, *, normalizes: bool) -> dict[str, Any]:
    """Return what tells vectors of spans apart, and vectors of length 1 from others."""
    return ({} if spans is None else {"spans": spans.describe()}) | ({"normalize": True} if normalizes else {})


def problems_of_spans(level: Level, spans: Any) -> Iterator[Problem]:
    """Find a splitter that nobody asks."""
    if spans is not None and level != "span":
        yield Problem("spans", f'got a splitter at level {show(level)}, which does not ask it; expected level "span"')


def problems_of_pooling(document_mode: DocumentMode, layers: Layers) -> Iterator[Problem]:
    """Find pooling by weights that would get what they were not trained on."""
    if document_mode in ("cls_pooled", "attention") and layers != "last":
        message = (
            f'got {show(document_mode)} with layers {show(layers)}; expected layers "last", which it was trained on'
        )
        yield Problem("document_mode", message)


def find_device(name: str | None) -> torch.device:
    """Find the device that a name stands for; a GPU if there is one for None.

    Raises:
        ConfigurationError: There is no such kind of device, or it cannot be used here.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        hint = did_you_mean(str(name).partition(":")[0], _DEVICES)
        raise ConfigurationError(f"device: got {show(name)}; expected cpu, cuda, cuda:1 or another{hint}") from error
    try:
        torch.zeros(1, device=device).cpu()
    except (RuntimeError, AssertionError) as error:  # the second from a torch that was built without CUDA
        reason = str(error).strip().partition("\n")[0]
        raise ConfigurationError(
            f"device: got {show(name)}, which cannot be used here ({reason}); expected a device of this machine that "
            "this installation of torch can use; leave it out to take the best"
        ) from error
    return device


def problems_of_embedder(model_name: str, embedder: Mapping[str, Any]) -> list[Problem]:
    """Find what is wrong with what is handed to the embedder "pretrained_transformer".

    Args:
        model_name: As for `DocumentEmbedder`.
        embedder: The same: a parameter may not be there, be of another type, or have another place.
    """
    problems = [
        Problem(f"embedder.{name}", f"got {show(embedder[name])}; expected it as {place} beside embedder")
        for name, place in _OUTSIDE.items()
        if name in embedder
    ]
    if "type" in embedder:
        problems.append(Problem("embedder.type", f"got {show(embedder['type'])}; expected none, as there is one"))
    if embedder.get("train_parameters"):
        problems.append(Problem("embedder.train_parameters", "got true; expected false, as nothing is trained here"))
    inside = embedder.get("transformer_kwargs")
    for name in ("dtype", "torch_dtype"):
        if isinstance(inside, Mapping) and name in inside:
            place = f"embedder.transformer_kwargs.{name}"
            problems.append(Problem(place, f"got {show(inside[name])}; expected it as dtype beside embedder"))
    others = {name: value for name, value in embedder.items() if name not in _OUTSIDE}
    data = {**others, "type": "pretrained_transformer", "model_name": model_name}
    return problems + check(TokenEmbedder, data, path="embedder")
