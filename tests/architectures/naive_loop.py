"""What plain transformers says, one segment at a time: nothing of Foldformer is used here."""

from inspect import signature

import torch
from torch import Tensor
from transformers import PreTrainedModel

from tests.architectures.documents import END, START
from tests.architectures.shrinking import RAISED

MOST_NEEDED = 8
"""Wordpieces in a row below which some architectures do not run."""
FEW = list(range(START, START + 12))


@torch.no_grad()
def states(model: PreTrainedModel, ids: list[int]) -> Tensor | None:
    """Return one vector a wordpiece, (wordpieces, dim); None where ids alone do not give that."""
    found = _run(model, input_ids=torch.tensor([ids]))
    for width in range(len(ids) + 1, MOST_NEEDED + 1):
        if found is not None:
            break
        ones = torch.ones(1, len(ids), dtype=torch.int64)  # as a tokenizer pads to a multiple
        padding = torch.full((1, width - len(ids)), model.config.pad_token_id or 0)
        row, mask = torch.cat([torch.tensor([ids]), padding], 1), torch.cat([ones, padding * 0], 1)
        found = _run(model, input_ids=row, attention_mask=mask)
    return None if found is None else found[0, : len(ids)]


def _run(model: PreTrainedModel, **inputs: Tensor) -> Tensor | None:
    options = {"use_cache": False} if "use_cache" in signature(model.forward).parameters else {}
    try:
        found = getattr(model(**inputs, **options), "last_hidden_state", None)
    except RAISED:
        return None
    return found if isinstance(found, Tensor) and found.shape[:2] == inputs["input_ids"].shape else None


def embedded(model: PreTrainedModel, ids: list[int], max_length: int) -> Tensor:
    """Return one vector for each wordpiece of a document, and for the special tokens around it.

    Args:
        model: In evaluation mode.
        ids: Without special tokens.
        max_length: Of a segment, two special tokens included.
    """
    size = max_length - 2
    rows = []
    for start in range(0, len(ids), size):
        segment = states(model, [START, *ids[start : start + size], END])
        assert segment is not None, f"no states for {len(ids[start : start + size]) + 2} wordpieces"
        is_first, is_last = start == 0, start + size >= len(ids)
        rows.append(segment[0 if is_first else 1 : None if is_last else -1])
    return torch.cat(rows)
