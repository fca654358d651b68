"""What becomes of one architecture: it embeds, it embeds by a part, or it is refused."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Literal

import torch
from torch import Tensor
from transformers import AutoModel, PreTrainedModel
from transformers import logging as transformers_logging

from embedders import PretrainedTransformerEmbedder
from foldformer.config import ConfigurationError
from foldformer.embedding.document_embedder import DocumentEmbedder
from tests.architectures import naive_loop
from tests.architectures.documents import documents, text, tokenizer
from tests.architectures.shrinking import NUM_IDS, RAISED, small_models

Kind = Literal["embeds", "part", "refused", "not made"]
LEAST_IDS = 20
TOLERANCE = 1e-5
"""Of a vector's length: sums of another order in float32."""


@dataclass(frozen=True)
class Outcome:
    """What became of an architecture.

    Args:
        kind: "embeds" as it is; "part" does with a `sub_module`; "refused"; or "not made", where no small model of it
            could be made here.
        sub_module: For "part".
        reason: The refusal, one line.
        fault: What must not be: other numbers, a crash, a refusal of what plain transformers runs.
    """

    kind: Kind
    sub_module: str | None = None
    reason: str = ""
    fault: str = ""


def outcome_of(model_type: str) -> Outcome:
    """Make a small model, save it, and embed documents with it."""
    found = Outcome("not made")
    with quiet():
        for model in small_models(model_type):
            with TemporaryDirectory() as folder:
                model.save_pretrained(folder)
                del model
                found = _of_folder(folder)
            gc.collect()
            if found.kind != "refused" or found.fault or "its input is" in found.reason:
                break
    return found


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out what transformers says of models with random weights."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)
        transformers_logging.enable_progress_bar()


def _of_folder(folder: str) -> Outcome:
    try:
        model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    except RAISED:  # transformers cannot read what it has written
        return Outcome("not made")
    num_ids = _num_ids(model)
    words = tokenizer(num_ids)  # not saved: some architectures have a class of their own for what they load
    try:
        embedder = DocumentEmbedder(folder, backend="torch", tokenizer=words)
    except ConfigurationError as error:
        reason = str(error)
    else:
        return Outcome("embeds", fault=_fault(embedder, model, None, num_ids))
    if "\n" in reason:
        return Outcome("refused", reason=reason, fault="more than one line")
    part = re.search(r'sub_module: "([\w.]+)"', reason)
    if part is not None:
        name = part[1]
        embedder = DocumentEmbedder(folder, backend="torch", tokenizer=words, embedder={"sub_module": name})
        return Outcome("part", name, reason, _fault(embedder, model, name, num_ids))
    runs = naive_loop.states(model, naive_loop.FEW) is not None
    return Outcome("refused", reason=reason, fault="plain transformers runs it" if runs else "")


def _num_ids(model: PreTrainedModel) -> int:
    """Return how many ids a model and its parts know, so that no row need be added for the tokenizer."""
    sizes = [NUM_IDS]
    for part in (model, *model.children()):
        with suppress(NotImplementedError, AttributeError):
            sizes.append(part.get_input_embeddings().num_embeddings)
    return min(size for size in sizes if size >= LEAST_IDS)


def _fault(embedder: DocumentEmbedder, model: PreTrainedModel, part: str | None, num_ids: int) -> str:
    max_length, ids = embedder.description["max_length"], documents(num_ids)
    runs = model.get_submodule(part or "")
    expected = [naive_loop.embedded(runs, each, max_length) for each in ids]
    found = [torch.from_numpy(each.vectors) for each in embedder.embed([text(each) for each in ids])]
    fault = _differences("documents", found, [each[1:-1] for each in expected])
    if fault:
        return fault
    words = tokenizer(num_ids)
    module = PretrainedTransformerEmbedder(model, tokenizer=words, max_length=max_length, sub_module=part).eval()
    batch = words([text(each) for each in ids], padding=True, return_tensors="pt")
    vectors = module(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).detach()
    return _differences("module", [row[: len(each)] for row, each in zip(vectors, expected, strict=True)], expected)


def _differences(where: str, found: list[Tensor], expected: list[Tensor]) -> str:
    for number, (got, wanted) in enumerate(zip(found, expected, strict=True)):
        if got.shape != wanted.shape:
            return f"{where} {number}: {tuple(got.shape)}, expected {tuple(wanted.shape)}"
        farthest = float(((got - wanted).norm(dim=1) / wanted.norm(dim=1).clamp(min=1e-6)).max())
        if not farthest <= TOLERANCE:
            return f"{where} {number}: {farthest:.1e} from the naive loop"
    return ""
