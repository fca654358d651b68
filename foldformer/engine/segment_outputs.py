"""All that a transformer says of the segments of one batch: its layers, and who attends to whom.

document      a b c d e                         max_length 5
segments      [CLS] a b c [SEP]
              [CLS] d e [SEP] [PAD]
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature

import numpy as np
import torch
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

from foldformer.engine.batch_rules import least_width, reset_positions
from foldformer.engine.micro_batches import FlatWordpieces, padded_batches
from foldformer.engine.segments import Segments
from foldformer.engine.transformer_facts import padding_id


@dataclass(frozen=True, eq=False)
class SegmentOutputs:
    """What a transformer gives for the segments of one batch, as it is before stitching.

    Segments do not see each other: attentions are among the wordpieces of one segment.

    Args:
        token_ids: Wordpiece ids, special tokens included. int64 (segments, width)
        mask: True where a wordpiece is real. bool (segments, width)
        documents: Which document of the batch each segment is of, ascending. int64 (segments,)
        hidden_states: Of each layer, the embedding layer first. (segments, width, dim)
        attentions: Of each layer, weights that the wordpiece of a row gives to those of the columns; None where they
            are not asked for. (segments, heads, width, width)
    """

    token_ids: Tensor
    mask: Tensor
    documents: Tensor
    hidden_states: tuple[Tensor, ...]
    attentions: tuple[Tensor, ...] | None


def run_all_layers(
    transformer: PreTrainedModel, wordpieces: FlatWordpieces, segments: Segments, *, output_attentions: bool
) -> SegmentOutputs:
    """Run segments as one batch, padded to the longest.

    Args:
        transformer: Runs as it is, with gradients where it trains.
        wordpieces: What the segments are windows of.
        segments: At least one.
        output_attentions: Give the attentions too.

    Raises:
        ValueError: The transformer does not give what is asked for.
    """
    order = np.argsort(-segments.lengths, kind="stable")  # that of `padded_batches`
    least = least_width(transformer, wordpieces.ids.device)
    layout = (sys.maxsize, sys.maxsize, padding_id(transformer))
    [batch] = padded_batches(wordpieces, segments, *layout, least_width=least)
    options = {"use_cache": False} if "use_cache" in signature(transformer.forward).parameters else {}
    reset_positions(transformer)
    with _plain_attention_in(transformer, output_attentions):
        output = transformer(**batch.inputs, **options, output_hidden_states=True, output_attentions=output_attentions)
    device = wordpieces.ids.device
    back = torch.from_numpy(np.argsort(order)).to(device)
    ids = batch.inputs["input_ids"]
    return SegmentOutputs(
        ids[back],
        torch.ones_like(ids, dtype=torch.bool) if batch.mask is None else batch.mask[back],
        torch.from_numpy(segments.documents).to(device),
        _in_order(transformer, "hidden_states", getattr(output, "hidden_states", None), back),
        _in_order(transformer, "attentions", getattr(output, "attentions", None), back) if output_attentions else None,
    )


def _in_order(
    transformer: PreTrainedModel, name: str, layers: tuple[Tensor, ...] | None, back: Tensor
) -> tuple[Tensor, ...]:
    if not layers or any(layer is None for layer in layers):
        raise ValueError(f"{name}: {type(transformer).__name__} gives none; expected a transformer that does")
    return tuple(layer[back] for layer in layers)


@contextmanager
def _plain_attention_in(transformer: PreTrainedModel, asked: bool) -> Iterator[None]:
    """Have attention computed step by step, the only way that gives its weights; then all is as it was.

    Whatever else runs the transformer meanwhile, in another thread, gets the same numbers.
    """
    held = (getattr(module, "config", None) for module in transformer.modules()) if asked else ()
    configs = {id(config): config for config in held if isinstance(config, PretrainedConfig)}
    before = {key: config._attn_implementation for key, config in configs.items()}
    try:
        for config in configs.values():
            config._attn_implementation_internal = "eager"
        yield
    finally:
        for key, config in configs.items():
            config._attn_implementation_internal = before[key]
