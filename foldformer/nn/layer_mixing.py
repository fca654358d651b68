"""Mix all layers of a transformer without holding them all.

hidden states   e0  h1  h2  h3          index 0 is the embedding layer, which no mix contains
mixture              w1*h1 + w2*h2 + w3*h3, added up while the layers run
"""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from foldformer.nn.scalar_mix import ScalarMix
from foldformer.text.weight_reset import layer_list

PROBE_LENGTH = 8
"""Wordpieces of the one row on which both ways are compared."""

_layers_to_add: WeakKeyDictionary[nn.Module, nn.ModuleList | None] = WeakKeyDictionary()


def mix_layers(transformer: PreTrainedModel, inputs: Mapping[str, Any], mix: ScalarMix) -> Tensor:
    """Run a transformer without gradients and mix its layers, adding each up as it appears.

    That supposes a list of layers whose outputs are the hidden states, and a last one that the transformer may still
    normalize. Whether this holds is tried once for each transformer, on a few wordpieces; where it does not (ALBERT
    runs one layer again and again, XLNet turns its tensors around), all layers are kept until the end.

    Args:
        transformer: In evaluation mode.
        inputs: Arguments of its forward, `input_ids` among them. (rows, width)
        mix: The weights.

    Returns:
        (rows, width, dim)
    """
    if transformer not in _layers_to_add:
        _layers_to_add[transformer] = _find_layers(transformer, inputs, mix.mixture_size)
    layers = _layers_to_add[transformer]
    if layers is None:
        mixture: Tensor = mix(transformer(**inputs, output_hidden_states=True).hidden_states[1:])
        return mixture
    return _add_up(transformer, layers, inputs, mix.layer_weights())


def _find_layers(transformer: PreTrainedModel, inputs: Mapping[str, Any], num_layers: int) -> nn.ModuleList | None:
    """Return the layers whose outputs may be added up, or None where that gives other numbers."""
    layers = layer_list(transformer, num_layers)
    if layers is None:
        return None
    probe = {"input_ids": inputs["input_ids"][:1, :PROBE_LENGTH]}
    weights = torch.arange(1.0, num_layers + 1)  # each another, so that layers in another order show
    hidden = transformer(**probe, output_hidden_states=True).hidden_states[1:]
    expected = sum(weight * state for weight, state in zip(weights.tolist(), hidden, strict=True))
    got = _add_up(transformer, layers, probe, weights)
    same = got.shape == expected.shape and torch.allclose(got, expected, rtol=1e-2, atol=1e-2 * expected.abs().max())
    return layers if same else None


def _add_up(transformer: PreTrainedModel, layers: nn.ModuleList, inputs: Mapping[str, Any], weights: Tensor) -> Tensor:
    mixture: Tensor | None = None
    *early_weights, last_weight = map(float, weights)
    remaining = iter(early_weights)

    def add(_module: nn.Module, _inputs: Any, output: Any) -> None:
        nonlocal mixture
        state = output[0] if isinstance(output, tuple) else output
        weight = next(remaining)
        mixture = state * weight if mixture is None else mixture.add_(state, alpha=weight)

    handles = [layer.register_forward_hook(add) for layer in list(layers)[:-1]]
    try:
        last: Tensor = transformer(**inputs).last_hidden_state
    finally:
        for handle in handles:
            handle.remove()
    if mixture is None:
        mixture = last * last_weight
    elif mixture.shape == last.shape:  # another shape comes up only on the probe, which then sees it
        mixture.add_(last, alpha=last_weight)
    return mixture
