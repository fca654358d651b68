"""Mix all layers of a transformer without holding them all.

hidden states   e0  h1  h2  h3          index 0 is the embedding layer, which no mix contains
mixture              w1*h1 + w2*h2 + w3*h3, added up while the layers run
"""

from collections.abc import Mapping, Sequence
from threading import Lock, get_ident
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from foldformer.engine.probing import probing
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.text.weight_reset import layer_list

PROBE_LENGTH = 8
"""Wordpieces of the one row on which both ways are compared."""

_layers_to_add: WeakKeyDictionary[nn.Module, nn.ModuleList | None] = WeakKeyDictionary()
_hooking = Lock()
"""PyTorch numbers hooks without one."""


def mix_layers(transformer: PreTrainedModel, inputs: Mapping[str, Any], mix: ScalarMix) -> Tensor:
    """Run a transformer without gradients and mix its layers, adding each up as it appears.

    That supposes a list of layers whose outputs are the hidden states, and a last one that the transformer may still
    normalize. Whether this holds is tried once for each transformer, on a few wordpieces; where it does not (ALBERT
    runs one layer again and again, XLNet turns its tensors around), all layers are kept until the end.

    Args:
        transformer: A Hugging Face encoder or decoder.
        inputs: Arguments of its forward, `input_ids` among them. (rows, width)
        mix: The weights.

    Returns:
        (rows, width, dim)
    """
    if transformer not in _layers_to_add:
        with probing(transformer):
            if transformer not in _layers_to_add:  # another thread may have been first
                _layers_to_add[transformer] = _find_layers(transformer, inputs, mix.mixture_size)
    layers = _layers_to_add[transformer]
    if layers is not None:
        mixture = _add_up(transformer, layers, inputs, mix.layer_weights())
        if mixture is not None:
            return mixture
        _layers_to_add[transformer] = None
    return mix_hidden_states(transformer(**inputs, output_hidden_states=True).hidden_states, inputs, mix)


def mix_hidden_states(
    hidden_states: Sequence[Tensor], inputs: Mapping[str, Any], mix: ScalarMix, mask: Tensor | None = None
) -> Tensor:
    """Mix all layers of a transformer that has run.

    Args:
        hidden_states: The embedding layer's first, then one a layer; BigBird's are wider than its inputs.
        inputs: Arguments of its forward, `input_ids` among them. (rows, width)
        mix: The weights.
        mask: True where a position is real. (rows, width)

    Returns:
        (rows, width, dim)
    """
    width = inputs["input_ids"].size(1)
    layers = [states if states.size(1) == width else states[:, :width] for states in hidden_states[1:]]
    mixture: Tensor = mix(layers, mask)
    return mixture


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
    same = got is not None and torch.allclose(got, expected, rtol=1e-2, atol=1e-2 * expected.abs().max())
    return layers if same else None


def _add_up(
    transformer: PreTrainedModel, layers: nn.ModuleList, inputs: Mapping[str, Any], weights: Tensor
) -> Tensor | None:
    """Return the mixture, or None where layers are more, fewer, or of another shape than what comes out in the end."""
    mixture: Tensor | None = None
    *early_weights, last_weight = map(float, weights)
    shapes: list[torch.Size] = []
    thread = get_ident()

    def add(_module: nn.Module, _inputs: Any, output: Any) -> None:
        nonlocal mixture
        if get_ident() != thread:
            return  # another thread runs the same layers
        state = output[0] if isinstance(output, tuple) else output
        shapes.append(state.shape)
        if len(shapes) <= len(early_weights) and state.shape == shapes[0]:
            weight = early_weights[len(shapes) - 1]
            mixture = state * weight if mixture is None else mixture.add_(state, alpha=weight)

    with _hooking:
        handles = [layer.register_forward_hook(add) for layer in list(layers)[:-1]]
    try:
        last: Tensor = transformer(**inputs).last_hidden_state
    finally:
        with _hooking:
            for handle in handles:
                handle.remove()
    if shapes != [last.shape] * len(early_weights):
        return None
    return last * last_weight if mixture is None else mixture.add_(last, alpha=last_weight)
