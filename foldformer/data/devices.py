"""Batches on the device where they are needed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from foldformer.config import ConfigurationError


def as_device(device: torch.device | int | str | None) -> torch.device | None:
    """A device by its name or number; None and negative numbers mean nowhere in particular."""
    if device is None or (isinstance(device, int) and device < 0):
        return None
    return torch.device(device)


def int_to_device(device: int | torch.device) -> torch.device:
    """A GPU by its number, the processor by a negative one; a device stays what it is."""
    if isinstance(device, torch.device):
        return device
    return torch.device("cpu") if device < 0 else torch.device("cuda", device)


def parse_cuda_device(cuda_device: str | int | Sequence[int]) -> int:
    """Read the number of a GPU as people write it: 1, "1" or [1]; none at all is the processor.

    Raises:
        ConfigurationError: There are several.
    """
    if isinstance(cuda_device, int):
        return cuda_device
    numbers = re.split(r",\s*", cuda_device) if isinstance(cuda_device, str) else list(cuda_device)
    if len(numbers) > 1:
        raise ConfigurationError(
            f"cuda_device: got {cuda_device}; expected one device; for several, use distributed.cuda_devices"
        )
    return int(numbers[0]) if numbers else -1


def check_for_gpu(device: int | torch.device | Sequence[int | torch.device] | None) -> None:
    """Check that there are the GPUs that are asked for.

    Raises:
        ConfigurationError: There are not.
    """
    if device is None:
        return
    if isinstance(device, Sequence):
        for each in device:
            check_for_gpu(each)
        return
    wanted = int_to_device(device)
    found = torch.cuda.device_count()
    if wanted.type != "cpu" and (wanted.index or 0) >= found:
        has = f"{found} GPUs" if found else "no GPU"
        raise ConfigurationError(f"cuda_device: got {wanted}, but there is {has}; expected -1, which is the processor")


def move_to_device(batch: Any, device: torch.device | str | int) -> Any:
    """Move the tensors in a batch to a device; pinned ones while the processor goes on.

    Args:
        batch: Tensors, in dictionaries, lists and (named) tuples; anything else stays as it is.
        device: Where to; a negative number is the processor.

    Returns:
        The same, in new containers.
    """
    device = int_to_device(device) if isinstance(device, int) else device
    if isinstance(batch, torch.Tensor):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, Mapping):
        return {key: move_to_device(item, device) for key, item in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(move_to_device(item, device) for item in batch))
    if isinstance(batch, list | tuple):
        return type(batch)(move_to_device(item, device) for item in batch)
    return batch
