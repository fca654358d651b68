"""Run a transformer over segments of any lengths in micro-batches that waste little.

    flat rows      0 1 2 3 4   5 6 7 8 9   10 11 12   13 14
    segments       [   a   ]   [   b   ]   [  c   ]   [ d ]
    micro-batches  a b without a mask, then c d, padded to the width of c

Whoever embeds (the embedders, with and without gradients, and whole corpora) consumes what `run_segments` yields.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from foldformer.data.segments import IntArray, Segments, micro_batches
from foldformer.nn.compiled_transformer import CompiledTransformer
from foldformer.nn.layer_mixing import mix_layers
from foldformer.nn.scalar_mix import ScalarMix

CPU_BATCH_TOKENS = 2048
CPU_TRAINING_BATCH_TOKENS = 1024
"""With a backward pass: 7 % faster than 2048."""
GPU_BATCH_TOKENS = 32768
CPU_PADDING = 64
GPU_PADDING = 4096


@dataclass(frozen=True)
class FlatWordpieces:
    """The real wordpieces of a batch, one document after the other.

    Args:
        ids: Wordpiece ids, int64. (flat rows,)
        type_ids: Sentence A/B ids, int64; None where all are 0. (flat rows,)
    """

    ids: Tensor
    type_ids: Tensor | None = None


@dataclass(frozen=True)
class MicroBatch:
    """Segments that run together.

    Args:
        rows: Flat row under every place, int64; any valid row under padding. (segments, width)
        mask: True where a place is real; None where nothing is padded. (segments, width)
        places: The real places, counted over all segments, int64; None where nothing is padded. (real places,)
    """

    rows: Tensor
    mask: Tensor | None
    places: Tensor | None

    def real(self, values: Tensor) -> Tensor:
        """Drop the padding. (segments, width, ...) -> (real places, ...)"""
        flat = values.flatten(0, 1)
        return flat if self.places is None else flat.index_select(0, self.places)


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
        # masked, so any id would do; but some models count positions from this one
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
        device = wordpieces.ids.device
        trains = torch.is_grad_enabled() and _is_trainable(self._transformer)
        budget = self._max_batch_tokens or default_batch_tokens(device, trains=trains)
        for chosen in micro_batches(segments.lengths, budget, default_padding(device)):
            batch = _lay_out(segments, chosen, device)
            hidden = self._hidden_states(self._inputs(wordpieces, batch), batch.mask)
            yield batch.real(batch.rows), batch.real(hidden)

    def _inputs(self, wordpieces: FlatWordpieces, batch: MicroBatch) -> dict[str, Tensor]:
        inputs = {"input_ids": wordpieces.ids[batch.rows]}
        if wordpieces.type_ids is not None:
            inputs["token_type_ids"] = wordpieces.type_ids[batch.rows]
        if batch.mask is not None:
            inputs["input_ids"].masked_fill_(~batch.mask, self._padding_id)
            inputs["attention_mask"] = batch.mask.long()
        return inputs

    def _hidden_states(self, inputs: dict[str, Tensor], mask: Tensor | None) -> Tensor:
        """Run one micro-batch. (segments, width, dim)"""
        if self._compiled is not None and self._compiled.pays(*inputs["input_ids"].shape):
            with torch.inference_mode():
                return self._compiled(inputs)
        inputs = {**inputs, **self._options}
        trainable = _is_trainable(self._transformer)
        mixes = torch.is_grad_enabled() and self._mix is not None and _is_trainable(self._mix)
        trains = torch.is_grad_enabled() and trainable
        # tables of positions that a trainable transformer made in inference mode would stop the next training step
        infers = torch.is_inference_mode_enabled() or not (trainable or mixes)
        with torch.inference_mode(infers), torch.set_grad_enabled(trains):
            if self._mix is not None and not trains and not mixes:
                return mix_layers(self._transformer, inputs, self._mix)
            output = self._transformer(**inputs, output_hidden_states=self._mix is not None)
        hidden: Tensor = output.last_hidden_state if self._mix is None else self._mix(output.hidden_states[1:], mask)
        return hidden


def _is_trainable(module: nn.Module) -> bool:
    return any(parameter.requires_grad for parameter in module.parameters())


def _lay_out(segments: Segments, chosen: IntArray, device: torch.device) -> MicroBatch:
    starts, lengths = segments.starts[chosen], segments.lengths[chosen]
    places = np.arange(lengths.max())
    rows = starts[:, None] + np.minimum(places, lengths[:, None] - 1)
    if (lengths == len(places)).all():
        return MicroBatch(torch.from_numpy(rows).to(device), None, None)
    mask = places < lengths[:, None]
    # found here, since asking the device for them would wait for it
    real = torch.from_numpy(np.flatnonzero(mask)).to(device)
    return MicroBatch(torch.from_numpy(rows).to(device), torch.from_numpy(mask).to(device), real)
