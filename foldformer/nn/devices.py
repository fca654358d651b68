"""Where a module is."""

import torch
from torch import nn

from foldformer.config import ConfigurationError


def device_of(module: nn.Module) -> torch.device:
    """Find the device of a module's parameters; the CPU where it has none.

    Raises:
        ConfigurationError: They are on several.
    """
    devices = sorted({str(parameter.device) for parameter in module.parameters()})
    if len(devices) > 1:
        raise ConfigurationError(f"model: got parameters on {', '.join(devices)}; expected one device")
    return torch.device(devices[0] if devices else "cpu")
