"""Find out whether a transformer takes several segments in one row, each by itself."""

import logging
from inspect import signature

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from foldformer.engine.micro_batches import FlatWordpieces, packed_batches
from foldformer.engine.packed_attention import PACKED_ATTENTION
from foldformer.engine.probing import FAILURES, Verdicts, are_equal_numbers, are_untouched, last_states, probing
from foldformer.engine.segments import Segments
from foldformer.engine.transformer_facts import num_ids, positions_counted_from

logger = logging.getLogger(__name__)

PROBE_LENGTHS = (5, 5, 3)
"""Segments on which both ways are compared: neighbours of one length, and another."""
WIDEST_WINDOW = 256
"""Where attention reaches over a window, they are longer by it; wider windows are taken to work like narrow ones."""


def takes_packed_rows(transformer: PreTrainedModel, device: torch.device) -> bool:
    """Tell whether packed rows give a transformer's own numbers, and set its attention up for them.

    Tried once for each transformer, device, dtype and attention, on a few wordpieces: no list of architectures tells,
    as positions may be relative, and a convolution may mix neighbours. "flash_attention_2" and its kin stay if asked
    for; "sdpa" becomes attention over packed rows, which does the same without packed rows.

    Args:
        transformer: On the device, as it will run.
        device: Of its inputs.
    """
    implementation = transformer.config._attn_implementation or ""
    if not implementation.startswith(("sdpa", "flash", PACKED_ATTENTION)):
        return False
    if device.type != "cpu" and transformer.training and not implementation.startswith("flash"):
        return False  # the kernel that comes with PyTorch cannot drop out
    if not _verdicts.of(transformer, device):
        return False
    if transformer.config._attn_implementation == "sdpa":  # somebody has set it since
        transformer.set_attn_implementation(PACKED_ATTENTION)
    return True


def _try(transformer: PreTrainedModel, device: torch.device) -> bool:
    if not transformer._supports_flash_attn or "position_ids" not in signature(transformer.forward).parameters:
        return False
    implementation = transformer.config._attn_implementation
    same, reason = False, "it gives other numbers in packed rows"
    with probing(transformer):
        if implementation == "sdpa":
            transformer.set_attn_implementation(PACKED_ATTENTION)
        try:
            same = _gives_the_same(transformer, device)
        except FAILURES as error:
            reason = str(error)
        finally:
            if not same:
                transformer.set_attn_implementation(implementation)
    if not same:
        logger.info("%s runs padded on %s: %s", type(transformer).__name__, device.type, reason)
    return same


_verdicts = Verdicts(_try)


def _gives_the_same(transformer: PreTrainedModel, device: torch.device) -> bool:
    window = getattr(transformer.config, "sliding_window", None) or 0
    lengths = np.array(PROBE_LENGTHS) + min(window, WIDEST_WINDOW)
    segments = Segments(np.cumsum(lengths) - lengths, lengths, np.arange(len(lengths)))
    # padding ids may be among them, which some positions leave out
    ids = torch.arange(segments.num_rows, device=device) % num_ids(transformer)
    packed = _run_packed(transformer, ids, segments)
    parts = torch.split(ids, lengths.tolist())
    alone = torch.cat([last_states(transformer, {"input_ids": part[None]})[0] for part in parts])
    if not are_equal_numbers(packed, alone):
        return False
    middle = slice(int(lengths[0]), int(lengths[:2].sum()))
    others = (ids + 1) % num_ids(transformer)
    others[middle] = ids[middle]
    return are_untouched(_run_packed(transformer, others, segments)[middle], packed[middle])


def _run_packed(transformer: PreTrainedModel, ids: Tensor, segments: Segments) -> Tensor:
    counted_from = positions_counted_from(transformer)
    (batch,) = packed_batches(FlatWordpieces(ids), segments, len(ids), counted_from=counted_from)
    return last_states(transformer, batch.inputs)[0]
