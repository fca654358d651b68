"""The running metrics of a model, for a checkpoint in the middle of an epoch."""

import pickle
from collections.abc import Iterator, MutableMapping, MutableSequence
from typing import Any

import torch
from torch import Tensor, nn

from foldformer.models import Metric


def metric_state(model: nn.Module) -> Tensor:
    """Everything that a model's metrics have counted so far, as bytes. uint8 (bytes,)."""
    metrics = [holder[key] for holder, key in _places(model)]
    return torch.frombuffer(bytearray(pickle.dumps(metrics)), dtype=torch.uint8)


def set_metric_state(model: nn.Module, state: Tensor) -> None:
    """Put the metrics where `metric_state` found them.

    The bytes come from a checkpoint of the training that goes on: the user's own folder, not an archive of somebody's.
    """
    metrics = pickle.loads(bytes(state.cpu().numpy().tobytes()))
    for (holder, key), metric in zip(_places(model), metrics, strict=True):
        holder[key] = metric


def _places(model: nn.Module) -> list[tuple[Any, Any]]:
    return [place for module in model.modules() for place in _metrics_in(vars(module))]


def _metrics_in(holder: MutableMapping[Any, Any] | MutableSequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield each container, and the key or index in it, that has a metric."""
    items = holder.items() if isinstance(holder, MutableMapping) else enumerate(holder)
    for key, value in items:
        if isinstance(value, Metric):
            yield holder, key
        elif isinstance(value, (dict, list)) and key != "_modules":
            yield from _metrics_in(value)
