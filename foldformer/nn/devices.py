"""Move nested data to a device."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from foldformer.config import ConfigurationError


def move_to_device(value: Any, device: torch.device | str) -> Any:
    """Move every tensor in dictionaries, lists and tuples; all else stays as it is.

    Args:
        value: A tensor, or what holds tensors.
        device: Where to.

    Returns:
        The same, in new containers.
    """
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, Mapping):
        return {key: move_to_device(item, device) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(move_to_device(item, device) for item in value))
    if isinstance(value, list | tuple):
        return type(value)(move_to_device(item, device) for item in value)
    return value


def device_of(module: nn.Module) -> torch.device:
    """Find the device of a module's parameters; the CPU where it has none.

    Raises:
        ConfigurationError: They are on several.
    """
    devices = sorted({str(parameter.device) for parameter in module.parameters()})
    if len(devices) > 1:
        raise ConfigurationError(f"model: got parameters on {', '.join(devices)}; expected one device")
    return torch.device(devices[0] if devices else "cpu")
