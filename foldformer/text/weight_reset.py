"""Initialize chosen modules of a pretrained transformer afresh."""

import re
from collections.abc import Sequence

from torch import nn
from transformers import PreTrainedModel

from foldformer.config import ConfigurationError


def reinitialize_modules(transformer: PreTrainedModel, modules: int | Sequence[int] | Sequence[str]) -> None:
    """Give modules of `transformer` new random weights, drawn as its architecture draws them.

    Re-initializing the last few layers makes fine-tuning on small data more stable.

    Source: Zhang et al. (2021), Revisiting Few-sample BERT Fine-tuning, https://arxiv.org/abs/2006.05987.

    Args:
        transformer: Changed in place.
        modules: The number of last layers, the indices of layers, or regular expressions searched in module names.

    Raises:
        ValueError: A layer index is out of range.
        ConfigurationError: Neither kind of selection, or a transformer whose layers are no list.
    """
    for module in _selected(transformer, modules):
        for tensor in (*module.parameters(), *module.buffers()):
            # transformers 5 marks what it loaded and would leave it as it is
            tensor.__dict__.pop("_is_hf_initialized", None)
        module.apply(transformer._init_weights)


def layer_list(transformer: nn.Module, num_layers: int) -> nn.ModuleList | None:
    """Return the module list that holds the layers of a transformer, or None where there is no single such list."""
    lists = [module for module in transformer.modules() if isinstance(module, nn.ModuleList)]
    return next((layers for layers in lists if len(layers) == num_layers), None)


def _selected(transformer: PreTrainedModel, modules: int | Sequence[int] | Sequence[str]) -> list[nn.Module]:
    num_layers = transformer.config.num_hidden_layers
    if isinstance(modules, int):
        modules = range(num_layers - modules, num_layers)
    indices = [index for index in modules if isinstance(index, int)]
    patterns = [pattern for pattern in modules if isinstance(pattern, str)]
    if indices and patterns:
        raise ConfigurationError(
            f"reinit_modules: got {list(modules)}; expected a number of layers, a list of layer indices, or a list of "
            "regular expressions, not a mixture"
        )
    if patterns:
        return [module for name, module in transformer.named_modules() if any(re.search(p, name) for p in patterns)]
    return _layers_at(transformer, indices, num_layers)


def _layers_at(transformer: PreTrainedModel, indices: Sequence[int], num_layers: int) -> list[nn.Module]:
    beyond = [index for index in indices if not 0 <= index < num_layers]
    if beyond:
        raise ValueError(f"reinit_modules: got layer {beyond[0]}; expected indices from 0 to {num_layers - 1}")
    layers = layer_list(transformer, num_layers)
    if layers is None:
        raise ConfigurationError(
            f"reinit_modules: {type(transformer).__name__} keeps its {num_layers} layers in no single list, so indices "
            f"{list(indices)} name nothing; give regular expressions for module names instead, "
            f'for instance ["{next(iter(dict(transformer.named_children())))}"]'
        )
    return [layers[index] for index in indices]
