"""Find out whether a transformer takes several segments in one row, each by itself."""

import logging
from inspect import signature
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

from foldformer.data.segments import Segments
from foldformer.nn.micro_batches import FlatWordpieces, Inputs, packed_batches
from foldformer.nn.packed_attention import PACKED_ATTENTION
from foldformer.nn.transformer_facts import positions_counted_from

logger = logging.getLogger(__name__)

PROBE_LENGTHS = (5, 5, 3)
"""Segments on which both ways are compared: neighbours of one length, and another."""
WIDEST_WINDOW = 256
"""Where attention reaches over a window, they are longer by it; wider windows are taken to work like narrow ones."""

_found: WeakKeyDictionary[PreTrainedModel, dict[tuple[object, ...], bool]] = WeakKeyDictionary()


def takes_packed_rows(transformer: PreTrainedModel, device: torch.device) -> bool:
    """Tell whether packed rows give a transformer's own numbers, and set its attention up for them.

    Tried once for each transformer, device and dtype, on a few wordpieces: no list of architectures tells, as positions
    may be relative, and a convolution may mix neighbours. "flash_attention_2" and its kin stay if asked for; "sdpa"
    becomes attention over packed rows, which does the same without packed rows.

    Args:
        transformer: On the device, as it will run.
        device: Of its inputs.
    """
    implementation = transformer.config._attn_implementation or ""
    if not implementation.startswith(("sdpa", "flash", PACKED_ATTENTION)):
        return False
    if not transformer._supports_flash_attn or "position_ids" not in signature(transformer.forward).parameters:
        return False
    if device.type != "cpu" and transformer.training and not implementation.startswith("flash"):
        return False  # the kernel that comes with PyTorch cannot drop out
    autocast = torch.is_autocast_enabled(device.type) and torch.get_autocast_dtype(device.type)
    found = _found.setdefault(transformer, {})
    key = (device.type, transformer.dtype, autocast)
    if key not in found:
        found[key] = _try(transformer, device)
    return found[key]


def attention_asked_for(config: PretrainedConfig) -> str:
    """Return the name of a transformer's attention before it was set up for packed rows."""
    name = config._attn_implementation or ""
    return "sdpa" if name == PACKED_ATTENTION else name


def _try(transformer: PreTrainedModel, device: torch.device) -> bool:
    implementation = transformer.config._attn_implementation
    in_training = [module for module in transformer.modules() if module.training]
    transformer.train(False)
    if implementation == "sdpa":
        transformer.set_attn_implementation(PACKED_ATTENTION)
    same, reason = False, "it gives other numbers in packed rows"
    try:
        with torch.no_grad():
            same = _gives_the_same(transformer, device)
    except (ImportError, RuntimeError, ValueError, TypeError, IndexError) as error:
        reason = str(error)  # there is no kernel for this device, dtype or shape, or too few positions
    finally:
        if not same:
            transformer.set_attn_implementation(implementation)
        for module in in_training:
            module.training = True
    if not same:
        logger.info("%s runs padded on %s: %s", type(transformer).__name__, device.type, reason)
    return same


def _gives_the_same(transformer: PreTrainedModel, device: torch.device) -> bool:
    window = getattr(transformer.config, "sliding_window", None) or 0
    lengths = np.array(PROBE_LENGTHS) + min(window, WIDEST_WINDOW)
    segments = Segments(np.cumsum(lengths) - lengths, lengths, np.arange(len(lengths)))
    # padding ids may be among them, which some positions leave out
    ids = torch.arange(segments.num_rows, device=device) % cast(
        "int", transformer.get_input_embeddings().num_embeddings
    )
    wordpieces = FlatWordpieces(ids)
    (batch,) = packed_batches(wordpieces, segments, len(ids), counted_from=positions_counted_from(transformer))
    packed = _last(transformer, batch.inputs)[0]
    alone = torch.cat([_last(transformer, {"input_ids": each[None]})[0] for each in torch.split(ids, lengths.tolist())])
    tolerance = max(1e-4, 5 * torch.finfo(packed.dtype).eps)
    return packed.shape == alone.shape and bool((packed - alone).float().norm() <= tolerance * alone.float().norm())


def _last(transformer: PreTrainedModel, inputs: Inputs) -> Tensor:
    hidden: Tensor = transformer(**inputs).last_hidden_state
    return hidden
