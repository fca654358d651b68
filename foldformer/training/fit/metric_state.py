"""The running metrics of a model, for a checkpoint in the middle of an epoch: numbers, texts and tensors, no code."""

import logging
from collections import Counter, deque
from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from foldformer.config import ConfigurationError
from foldformer.models import Metric
from foldformer.models.metrics.counting import new_tally

logger = logging.getLogger(__name__)

_SEQUENCES: dict[str, Any] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "deque": deque}
_MAPPINGS: dict[str, Any] = {"dict": dict, "Counter": Counter}
_CODE = (
    "checkpoint: got metrics in a form that may hold code; expected plain numbers, as `train` writes them; go on "
    "from a checkpoint at the end of an epoch, or begin anew"
)


class _NotPlainError(TypeError):
    """A value that a checkpoint does not keep."""


def metric_state(model: nn.Module) -> list[dict[str, Any]]:
    """Everything that a model's metrics have counted so far, as data that `torch.load` reads without running code."""
    return [_of_metric(holder[key]) for holder, key in _places(model)]


def set_metric_state(model: nn.Module, state: Any) -> None:
    """Give the metrics what `metric_state` found in them; what they were built with stays.

    Raises:
        ConfigurationError: The state is not what `metric_state` gives.
    """
    metrics = [holder[key] for holder, key in _places(model)]
    if not isinstance(state, list) or len(state) != len(metrics):
        raise ConfigurationError(_CODE)
    device = next((each.device for each in model.parameters()), torch.device("cpu"))
    for metric, own in zip(metrics, state, strict=True):
        _restore(metric, own, device)


def _of_metric(metric: Metric) -> dict[str, Any]:
    state = {}
    for name, value in vars(metric).items():
        try:
            state[name] = _plain(value)
        except _NotPlainError:
            if not callable(value) and not type(value).__module__.startswith("foldformer."):
                logger.warning(
                    "%s.%s: got %s, which a checkpoint does not keep; expected numbers, tensors, or lists of them",
                    type(metric).__name__, name, type(value).__name__,
                )  # fmt: skip
    return state


def _restore(metric: Metric, state: Any, device: torch.device) -> None:
    if not isinstance(state, Mapping) or not all(isinstance(name, str) for name in state):
        raise ConfigurationError(_CODE)
    for name, value in state.items():
        setattr(metric, name, _value(value, getattr(metric, name, None), device))


def _plain(value: Any) -> Any:
    kind = type(value).__name__
    if value is None or isinstance(value, (bool, int, float, str)):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, Tensor):
        return ["tensor", value.detach().cpu().clone(), value.device.type != "cpu"]
    if isinstance(value, Metric):
        return ["metric", _of_metric(value)]
    if kind == "Tally":
        return ["tally", value.counts.detach().cpu().clone()]
    if isinstance(value, nn.Module) and hasattr(value, "_defaults"):  # torchmetrics
        return ["states", {name: _plain(getattr(value, name)) for name in value._defaults}]  # type: ignore[union-attr]
    if isinstance(value, dict):
        pairs = [[_plain(key), _plain(item)] for key, item in value.items()]
        return [kind if kind in _MAPPINGS else "dict", pairs]
    if kind in _SEQUENCES:
        return [kind, [_plain(item) for item in value]]
    raise _NotPlainError


def _content(value: Any) -> tuple[str, Any]:
    if not isinstance(value, list) or len(value) < 2:
        raise ConfigurationError(_CODE)
    return str(value[0]), value[1]


def _value(value: Any, old: Any, device: torch.device) -> Any:
    """The value of an attribute, put together from its plain form; `old` is what stands there now."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    kind, content = _content(value)
    if kind == "tensor":
        return content.to(device) if value[2] else content
    if kind == "tally":
        tally = new_tally(len(content))
        tally.update(content)
        return tally
    if kind == "metric" and isinstance(old, Metric):
        _restore(old, content, device)
        return old
    if kind == "states" and isinstance(old, nn.Module):
        for name, own in content.items():
            setattr(old, name, _value(own, getattr(old, name), device))
        return old
    if kind in _MAPPINGS:
        return _mapping(kind, content, old, device)
    if kind in _SEQUENCES:
        before = list(old) if isinstance(old, (list, tuple)) and len(old) == len(content) else [None] * len(content)
        return _SEQUENCES[kind](_value(item, one, device) for item, one in zip(content, before, strict=True))
    raise ConfigurationError(_CODE)


def _mapping(kind: str, pairs: list[Any], old: Any, device: torch.device) -> dict[Any, Any]:
    before: dict[Any, Any] = old if isinstance(old, dict) else {}
    keys = [_value(key, None, device) for key, _ in pairs]
    values = {key: _value(item, before.get(key), device) for key, (_, item) in zip(keys, pairs, strict=True)}
    if kind != "dict" or not isinstance(old, dict):
        return dict(values) if kind == "dict" else Counter(values)
    mapping = before.copy()  # may be a defaultdict
    mapping.clear()
    mapping.update(values)
    return mapping


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
