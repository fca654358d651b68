"""Copy, widen and describe modules."""

import copy
import json
import logging
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from foldformer.config import ConfigurationError

logger = logging.getLogger(__name__)


def clone(module: nn.Module, num_copies: int) -> nn.ModuleList:
    """Copy a module several times, weights and all."""
    return nn.ModuleList(copy.deepcopy(module) for _ in range(num_copies))


@torch.no_grad()
def extend_layer(layer: nn.Linear | nn.Bilinear, new_dim: int) -> None:
    """Let a layer give wider vectors: new weights are drawn (Xavier, uniform), new biases are zero.

    Args:
        layer: Changed itself.
        new_dim: The new width.

    Raises:
        ConfigurationError: It is another kind of layer, or is wider already.
    """
    if not isinstance(layer, (nn.Linear, nn.Bilinear)):
        raise ConfigurationError(f"extend_layer: got {type(layer).__name__}; expected Linear or Bilinear")
    added = new_dim - layer.out_features
    if added < 0:
        raise ConfigurationError(f"extend_layer: got {new_dim}; expected at least {layer.out_features}, the width now")
    if not added:
        return
    weight = nn.init.xavier_uniform_(layer.weight.new_empty(added, *layer.weight.shape[1:]))
    layer.weight = nn.Parameter(torch.cat([layer.weight, weight]), requires_grad=layer.weight.requires_grad)
    bias = layer.bias.new_zeros(added)
    layer.bias = nn.Parameter(torch.cat([layer.bias, bias]), requires_grad=layer.bias.requires_grad)
    layer.out_features = new_dim


def inspect_parameters(module: nn.Module, quiet: bool = False) -> dict[str, Any]:
    """Describe the parameters of a module as a tree.

    Args:
        module: The module.
        quiet: Print nothing.

    Returns:
        By the parts of their names: "tunable" or "frozen".
    """
    tree: dict[str, Any] = {}
    for name, parameter in sorted(module.named_parameters()):
        *parents, last = name.split(".")
        branch = tree
        for part in parents:
            branch = branch.setdefault(part, {})
        branch[last] = "tunable" if parameter.requires_grad else "frozen"
    if not quiet:
        print(json.dumps(tree, indent=4))
    return tree


def get_frozen_and_tunable_parameter_names(model: nn.Module) -> tuple[Iterator[str], Iterator[str]]:
    """Names of the parameters that stay as they are, and of those that are trained."""
    parameters = list(model.named_parameters())
    frozen = (name for name, parameter in parameters if not parameter.requires_grad)
    return frozen, (name for name, parameter in parameters if parameter.requires_grad)


def log_frozen_and_tunable_parameter_names(model: nn.Module) -> None:
    """Log which parameters stay as they are and which are trained."""
    frozen, tunable = get_frozen_and_tunable_parameter_names(model)
    logger.info("parameters that stay as they are: %s", ", ".join(frozen) or "none")
    logger.info("parameters that are trained: %s", ", ".join(tunable) or "none")
