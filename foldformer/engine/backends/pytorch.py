"""Run segments with PyTorch, in micro-batches that waste little."""

from collections.abc import Iterator
from inspect import signature
from typing import Any

import torch
from overrides import overrides
from torch import Tensor
from transformers import PreTrainedModel

from foldformer.engine.backends.backend import Backend, Chunks
from foldformer.engine.batch_rules import batch_rule, least_width, reset_positions
from foldformer.engine.layer_mixing import mix_hidden_states, mix_layers
from foldformer.engine.micro_batches import (
    HALF_PRECISION_MULTIPLE,
    FlatWordpieces,
    MicroBatch,
    packed_batches,
    padded_batches,
)
from foldformer.engine.packed_attention import PACKED_ATTENTION
from foldformer.engine.packed_rows import attention_in, takes_packed_rows
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.engine.segments import Segments
from foldformer.engine.transformer_facts import dtype_of, is_trainable, padding_id, positions_counted_from

CPU_BATCH_TOKENS = 3072
CPU_TRAINING_BATCH_TOKENS = 2048
"""With a backward pass: 10 % faster than 3072."""
GPU_BATCH_TOKENS = 32768
LOOK_AHEAD = 8
"""Micro-batches' worth of wordpieces that are sorted together: twice as many save 1 % of the work, and cost memory."""
GPU_LOOK_AHEAD = 2
"""On a GPU, whose micro-batches are large: the next ones are tokenized while these run."""
CPU_PADDING = 64
GPU_PADDING = 4096


def default_batch_tokens(device: torch.device, *, trains: bool = False) -> int:
    """Return the budget, in wordpieces, that was best on this kind of device; see docs/benchmarks.md."""
    if device.type != "cpu":
        return GPU_BATCH_TOKENS
    return CPU_TRAINING_BATCH_TOKENS if trains else CPU_BATCH_TOKENS


def default_padding(device: torch.device) -> int:
    """Return how much padding, in wordpieces, costs as much as one more micro-batch on this kind of device."""
    return CPU_PADDING if device.type == "cpu" else GPU_PADDING


class PyTorchBackend(Backend):
    """A transformer as it is, on any device, with gradients where they are wanted.

    Without trainable parameters it runs in inference mode: autograd takes its vectors only after they are copied into
    another tensor, as `scatter_rows` does.

    Args:
        transformer: A Hugging Face encoder or decoder.
        mix: Mixes all layers but the embedding layer; None takes the last layer.
        max_batch_tokens: Most wordpieces in one micro-batch, padding included; None takes what was best on the kind
            of device, see docs/benchmarks.md.
    """

    def __init__(self, transformer: PreTrainedModel, mix: ScalarMix | None, max_batch_tokens: int | None) -> None:
        self._transformer = transformer
        self._mix = mix
        self._max_batch_tokens = max_batch_tokens
        parameters = signature(transformer.forward).parameters
        # nothing is generated, so a key-value cache would only fill memory
        self._options: dict[str, Any] = {"use_cache": False} if "use_cache" in parameters else {}

    @property
    @overrides
    def block_tokens(self) -> int:
        """About how many wordpieces one run should have."""
        device = self._transformer.device
        look_ahead = LOOK_AHEAD if device.type == "cpu" else GPU_LOOK_AHEAD
        return look_ahead * (self._max_batch_tokens or default_batch_tokens(device))

    @overrides
    def run(self, wordpieces: FlatWordpieces, segments: Segments) -> Chunks:
        """Run all segments, longest first, and yield every flat row's vector once."""
        packed = takes_packed_rows(self._transformer, wordpieces.ids.device)
        for batch in self._micro_batches(wordpieces, segments, packed):
            reset_positions(self._transformer)
            with attention_in(self._transformer, PACKED_ATTENTION if packed else None):
                hidden = self._hidden_states(batch)
            yield batch.flat_rows, batch.real(hidden)

    def _micro_batches(self, wordpieces: FlatWordpieces, segments: Segments, packed: bool) -> Iterator[MicroBatch]:
        device = wordpieces.ids.device
        trains = torch.is_grad_enabled() and is_trainable(self._transformer)
        budget = self._max_batch_tokens or default_batch_tokens(device, trains=trains)
        rule = batch_rule(self._transformer, device, packed=packed)
        if packed:
            # what rows are filled up with is of any length
            fills = rule is None and dtype_of(self._transformer).itemsize == 2
            return packed_batches(
                wordpieces,
                segments,
                budget,
                counted_from=positions_counted_from(self._transformer),
                multiple=HALF_PRECISION_MULTIPLE if fills else 1,
                rule=rule,
            )
        filler = padding_id(self._transformer)
        least = least_width(self._transformer, device)
        return padded_batches(wordpieces, segments, budget, default_padding(device), filler, rule, least)

    def _hidden_states(self, batch: MicroBatch) -> Tensor:
        """Run one micro-batch. (rows, width, dim)"""
        inputs = {**batch.inputs, **self._options}
        trainable = is_trainable(self._transformer)
        mixes = torch.is_grad_enabled() and self._mix is not None and is_trainable(self._mix)
        trains = torch.is_grad_enabled() and trainable
        # tables of positions that a trainable transformer made in inference mode would stop the next training step
        infers = torch.is_inference_mode_enabled() or not (trainable or mixes)
        with torch.inference_mode(infers), torch.set_grad_enabled(trains):
            if self._mix is not None and not trains and not mixes:
                return mix_layers(self._transformer, inputs, self._mix)
            output = self._transformer(**inputs, output_hidden_states=self._mix is not None)
        if self._mix is not None:
            return mix_hidden_states(output.hidden_states, inputs, self._mix, batch.mask)
        hidden: Tensor = output.last_hidden_state
        return hidden
