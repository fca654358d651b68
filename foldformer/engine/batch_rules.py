"""Find out which segments may share a micro-batch without changing each other's vectors."""

import logging
from collections.abc import Mapping
from typing import Any

import torch
from transformers import PretrainedConfig, PreTrainedModel

from foldformer.engine.probing import FAILURES, Verdicts, are_equal_numbers, are_untouched, last_states, probing
from foldformer.engine.segments import BatchRule
from foldformer.engine.transformer_facts import num_ids, padding_id

logger = logging.getLogger(__name__)

PROBE_LENGTHS = (8, 5)
"""Segments on which padding is tried."""
_MOST_NEEDED = 16
"""Wordpieces that a transformer may need in a row."""


def batch_rule(transformer: PreTrainedModel, device: torch.device, *, packed: bool) -> BatchRule | None:
    """Return the rule for the shortest segment that may share a micro-batch with a longest one; None: any may.

    Segments of one length only run together where padding changes vectors, as it does where a mask is not heeded
    (FNet) or a convolution reaches into it (ConvBERT), and where attention is sparse by blocks of the whole row.

    Args:
        transformer: On the device, as it will run.
        device: Of its inputs.
        packed: Whether segments share rows.
    """
    config = transformer.config
    if getattr(config, "attention_type", None) == "block_sparse":
        return _equally_long
    if not packed and not _take_padding.of(transformer, device):
        return _equally_long
    rules = [_rotary_rule(each) for each in _rotations(config) if _depends_on_length(each)]
    window = getattr(config, "sliding_window", None)
    if window and not packed:  # else what is padded farther would attend to nothing, which may give NaN
        rules.append(lambda longest: longest - window + 1)
    return (lambda longest: max(rule(longest) for rule in rules)) if rules else None


def least_width(transformer: PreTrainedModel, device: torch.device) -> int:
    """Return how many wordpieces a row needs at least, padding included: CANINE pools four characters at a time."""
    return _least_width.of(transformer, device)


def reset_positions(transformer: PreTrainedModel) -> None:
    """Have "dynamic" rotary positions forget longer segments, which they would else stay stretched for."""
    if not any("dynamic" in each["rope_type"] for each in _rotations(transformer.config)):
        return
    for module in transformer.modules():
        for name, frequencies in list(module.named_buffers(recurse=False)):
            if name.endswith("original_inv_freq"):
                prefix = name.removesuffix("original_inv_freq")
                setattr(module, f"{prefix}inv_freq", frequencies)
                setattr(module, f"{prefix}max_seq_len_cached", module.original_max_seq_len)


def _rotations(config: PretrainedConfig) -> list[Mapping[str, Any]]:
    """Return how positions are rotated: once, or once for each type of layers."""
    given = getattr(config, "rope_parameters", None) or {}
    each = [given] if "rope_type" in given else [value for value in given.values() if isinstance(value, Mapping)]
    limit = getattr(config, "max_position_embeddings", None)
    return [{"original_max_position_embeddings": limit, **value} for value in each if "rope_type" in value]


def _depends_on_length(rotation: Mapping[str, Any]) -> bool:
    return rotation["rope_type"] == "longrope" or "dynamic" in rotation["rope_type"]


def _rotary_rule(rotation: Mapping[str, Any]) -> BatchRule:
    """The longest segment decides how all of its micro-batch are rotated: by two sets of numbers, or by its length."""
    limit: int = rotation["original_max_position_embeddings"]
    if rotation["rope_type"] == "longrope":
        return lambda longest: limit + 1 if longest > limit else 1
    return lambda longest: longest if longest > limit else 1


def _equally_long(longest: int) -> int:
    return longest


def _try(transformer: PreTrainedModel, device: torch.device) -> bool:
    same, reason = False, "padding changes its vectors"
    try:
        with probing(transformer):
            same = _padding_changes_nothing(transformer, device)
    except FAILURES as error:
        reason = str(error)
    if not same:
        logger.info("%s runs segments of one length at a time: %s", type(transformer).__name__, reason)
    return same


_take_padding = Verdicts(_try)


def _find_least_width(transformer: PreTrainedModel, device: torch.device) -> int:
    with probing(transformer):
        return next((width for width in range(1, _MOST_NEEDED) if _runs(transformer, device, width)), 1)


def _runs(transformer: PreTrainedModel, device: torch.device, width: int) -> bool:
    try:
        last_states(transformer, {"input_ids": torch.zeros(1, width, dtype=torch.int64, device=device)})
    except FAILURES:
        return False
    return True


_least_width = Verdicts(_find_least_width)


def _padding_changes_nothing(transformer: PreTrainedModel, device: torch.device) -> bool:
    longest, length = PROBE_LENGTHS
    filler = padding_id(transformer)
    ids = (torch.arange(longest, device=device) + 1) % num_ids(transformer)
    rows = ids.repeat(2, 1)
    mask = torch.ones_like(rows)
    mask[1, length:] = 0
    rows[1, length:] = filler
    padded = last_states(transformer, {"input_ids": rows, "attention_mask": mask})[1, :length]
    alone = last_states(transformer, {"input_ids": ids[None, :length]})[0]
    if not are_equal_numbers(padded, alone):
        return False
    others = rows.masked_fill(mask == 0, (filler + 1) % num_ids(transformer))
    return are_untouched(last_states(transformer, {"input_ids": others, "attention_mask": mask})[1, :length], padded)
