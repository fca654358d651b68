"""Run a transformer over segments of any lengths in micro-batches that waste little.

Whoever embeds (the embedders, with and without gradients, and whole corpora) consumes what `run_segments` yields.
"""

from collections.abc import Iterator
from inspect import signature
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from foldformer.engine.compiled_transformer import CompiledTransformer
from foldformer.engine.layer_mixing import mix_hidden_states, mix_layers
from foldformer.engine.micro_batches import (
    HALF_PRECISION_MULTIPLE,
    FlatWordpieces,
    MicroBatch,
    packed_batches,
    padded_batches,
)
from foldformer.engine.neighbours import reset_positions, shortest_beside
from foldformer.engine.packed_rows import takes_packed_rows
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.engine.segments import Segments
from foldformer.engine.transformer_facts import dtype_of, is_trainable, positions_counted_from

CPU_BATCH_TOKENS = 3072
CPU_TRAINING_BATCH_TOKENS = 2048
"""With a backward pass: 10 % faster than 3072."""
GPU_BATCH_TOKENS = 32768
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


class SegmentRunner:
    """A transformer, and how segments go through it.

    Args:
        transformer: A Hugging Face encoder or decoder.
        mix: Mixes all layers but the embedding layer; None takes the last layer.
        max_batch_tokens: Most wordpieces in one micro-batch, padding included; None takes what was best on the kind
            of device, see docs/benchmarks.md.
        compiled: Runs in the transformer's place, for inference without a mix.
    """

    def __init__(
        self,
        transformer: PreTrainedModel,
        mix: ScalarMix | None,
        max_batch_tokens: int | None,
        compiled: CompiledTransformer | None = None,
    ) -> None:
        self._compiled = compiled
        self._transformer = transformer
        self._mix = mix
        self._max_batch_tokens = max_batch_tokens
        self._padding_id: int = transformer.config.pad_token_id or 0
        # nothing is generated, so a key-value cache would only fill memory
        parameters = signature(transformer.forward).parameters
        self._options: dict[str, Any] = {"use_cache": False} if "use_cache" in parameters else {}

    def run(self, wordpieces: FlatWordpieces, segments: Segments) -> Iterator[tuple[Tensor, Tensor]]:
        """Run all segments, longest first, and yield every flat row's vector once.

        A transformer without trainable parameters runs in inference mode: autograd takes its vectors only after they
        are copied into another tensor, as `scatter_rows` does.

        Yields:
            Flat rows, int64, (rows,), and their vectors, (rows, dim).
        """
        for batch in self._micro_batches(wordpieces, segments):
            yield batch.flat_rows, batch.real(self._hidden_states(batch))

    def _micro_batches(self, wordpieces: FlatWordpieces, segments: Segments) -> Iterator[MicroBatch]:
        device = wordpieces.ids.device
        trains = torch.is_grad_enabled() and is_trainable(self._transformer)
        budget = self._max_batch_tokens or default_batch_tokens(device, trains=trains)
        packed = takes_packed_rows(self._transformer, device)
        beside = shortest_beside(self._transformer, device, packed=packed)
        if packed:
            # what rows are filled up with is of any length
            fills = beside is None and dtype_of(self._transformer).itemsize == 2
            return packed_batches(
                wordpieces,
                segments,
                budget,
                counted_from=positions_counted_from(self._transformer),
                multiple=HALF_PRECISION_MULTIPLE if fills else 1,
                shortest_beside=beside,
            )
        return padded_batches(wordpieces, segments, budget, default_padding(device), self._padding_id, beside)

    def _hidden_states(self, batch: MicroBatch) -> Tensor:
        """Run one micro-batch. (rows, width, dim)"""
        if self._compiled is not None and self._compiled.pays(*batch.inputs["input_ids"].shape):
            with torch.inference_mode():
                return self._compiled(batch.inputs)
        reset_positions(self._transformer)
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
