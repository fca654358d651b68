"""Find out whether a transformer takes several segments in one row, each by itself, and run it so."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from threading import Lock, get_ident

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from foldformer.engine.micro_batches import FlatWordpieces, packed_batches
from foldformer.engine.packed_attention import PACKED_ATTENTION
from foldformer.engine.probing import (
    FAILURES,
    Verdicts,
    are_equal_numbers,
    are_untouched,
    attention_of,
    last_states,
    probing,
)
from foldformer.engine.segments import Segments
from foldformer.engine.transformer_facts import num_ids, positions_counted_from

logger = logging.getLogger(__name__)

PROBE_LENGTHS = (5, 5, 3)
"""Segments on which both ways are compared: two of one length, and another."""
WIDEST_WINDOW = 256
"""Where attention reaches over a window, they are longer by it; wider windows are taken to work like narrow ones."""


def takes_packed_rows(transformer: PreTrainedModel, device: torch.device) -> bool:
    """Tell whether packed rows give a transformer's own numbers.

    Tried once for each transformer, device, dtype and attention, on a few wordpieces: no list of architectures tells,
    as positions may be relative, and a convolution may mix neighbouring segments. Where layers are recomputed in the
    backward pass, `attention_in` is over by then, so that only attention that takes packed rows itself
    ("flash_attention_2" and its kin) may have them.

    Args:
        transformer: On the device, as it will run.
        device: Of its inputs.
    """
    implementation = attention_of(transformer.config)
    if not implementation.startswith(("sdpa", "flash")):
        return False
    if transformer.training and not implementation.startswith("flash"):
        recomputes = any(getattr(module, "gradient_checkpointing", False) for module in transformer.modules())
        if recomputes or device.type != "cpu":
            return False  # the GPU kernel that comes with PyTorch cannot drop out
    return _verdicts.of(transformer, device)


@contextmanager
def attention_in(transformer: PreTrainedModel, name: str | None) -> Iterator[None]:
    """Have an attention of ours stand for "sdpa" until the block ends; then the configuration is as it was.

    Whatever else runs the transformer meanwhile, in another thread, gets the same numbers: without packed rows these
    do what "sdpa" does, and with them all do the same.

    Args:
        transformer: Whose configuration is lent.
        name: What the attention is registered by; None: nothing changes.
    """
    if name is None:
        yield
        return
    held = (getattr(module, "config", None) for module in transformer.modules())
    configs = {id(config): config for config in held if isinstance(config, PretrainedConfig)}
    with _lending:
        lent = [config for key, config in configs.items() if key in _runs or config._attn_implementation == "sdpa"]
        for config in lent:
            _runs[id(config)] = _runs.get(id(config), 0) + 1
            config._attn_implementation_internal = name
    try:
        yield
    finally:
        with _lending:
            for config in lent:
                _runs[id(config)] -= 1
                if not _runs[id(config)]:
                    del _runs[id(config)]
                    config._attn_implementation_internal = "sdpa"


_lending = Lock()
_runs: dict[int, int] = {}
"""How many runs a configuration is lent to at present, by its identity; all of them hold it."""


def _try(transformer: PreTrainedModel, device: torch.device) -> bool:
    if not transformer._supports_flash_attn or "position_ids" not in signature(transformer.forward).parameters:
        return False
    same, reason = False, "it gives other numbers in packed rows"
    with probing(transformer), attention_in(transformer, PACKED_ATTENTION):
        try:
            same = _gives_the_same(transformer, device)
        except FAILURES as error:
            reason = str(error)
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
    if not are_untouched(_run_packed(transformer, others, segments)[middle], packed[middle]):
        return False
    _start_beyond_positions(transformer, device)
    return True


class _ReachedLayersError(Exception):
    """All that looks at the length of a row has run."""


def _start_beyond_positions(transformer: PreTrainedModel, device: torch.device) -> None:
    """Begin a row with more wordpieces than there are positions: CLIP refuses it, however short its segments are.

    Raises:
        ValueError: Or whatever else it raises.
    """
    layers = next((module for module in transformer.modules() if isinstance(module, nn.ModuleList)), None)
    limit = getattr(transformer.config, "max_position_embeddings", None)
    if not limit or not layers:
        return
    thread = get_ident()

    def stop(*_: object) -> None:
        if get_ident() == thread:  # another one may run it for real
            raise _ReachedLayersError

    num_segments = limit // PROBE_LENGTHS[0] + 1
    lengths = np.full(num_segments, PROBE_LENGTHS[0])
    segments = Segments(np.cumsum(lengths) - lengths, lengths, np.arange(num_segments))
    handle = layers[0].register_forward_pre_hook(stop)
    try:
        _run_packed(transformer, torch.zeros(segments.num_rows, dtype=torch.int64, device=device), segments)
    except _ReachedLayersError:
        pass
    finally:
        handle.remove()


def _run_packed(transformer: PreTrainedModel, ids: Tensor, segments: Segments) -> Tensor:
    counted_from = positions_counted_from(transformer)
    (batch,) = packed_batches(FlatWordpieces(ids), segments, len(ids), counted_from=counted_from)
    return last_states(transformer, batch.inputs)[0]
