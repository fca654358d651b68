"""Batches on the device where they are needed."""

from collections.abc import Mapping
from typing import Any

import torch


def as_device(device: torch.device | int | str | None) -> torch.device | None:
    """A device by its name or number; None and negative numbers mean nowhere in particular."""
    if device is None or (isinstance(device, int) and device < 0):
        return None
    return torch.device(device)


def move_to_device(batch: Any, device: torch.device | str) -> Any:
    """Move the tensors in a batch to a device; pinned ones while the processor goes on.

    Args:
        batch: Tensors, in dictionaries, lists and (named) tuples; anything else stays as it is.
        device: Where to.

    Returns:
        The same, in new containers.
    """
    if isinstance(batch, torch.Tensor):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, Mapping):
        return {key: move_to_device(item, device) for key, item in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(move_to_device(item, device) for item in batch))
    if isinstance(batch, list | tuple):
        return type(batch)(move_to_device(item, device) for item in batch)
    return batch
