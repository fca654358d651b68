"""Compare, gather, place and reduce tensors."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed

Value = TypeVar("Value")


def clamp_tensor(tensor: Tensor, minimum: float, maximum: float) -> Tensor:
    """Limit the values of a dense or sparse tensor; a sparse one is changed itself."""
    if not tensor.is_sparse:
        return tensor.clamp(minimum, maximum)
    coalesced = tensor.coalesce()
    coalesced.values().clamp_(minimum, maximum)
    return coalesced


def batch_tensor_dicts(
    tensor_dicts: Iterable[Mapping[str, Tensor]], remove_trailing_dimension: bool = False
) -> dict[str, Tensor]:
    """Stack the tensors that dictionaries have under the same name.

    Args:
        tensor_dicts: One for each item of the batch.
        remove_trailing_dimension: Drop a last dimension of size 1.
    """
    by_name: dict[str, list[Tensor]] = {}
    for tensors in tensor_dicts:
        for name, tensor in tensors.items():
            by_name.setdefault(name, []).append(tensor)
    stacked = {name: torch.stack(tensors) for name, tensors in by_name.items()}
    return {name: each.squeeze(-1) if remove_trailing_dimension else each for name, each in stacked.items()}


def tensors_equal(tensor1: Any, tensor2: Any, tolerance: float = 1e-12) -> bool:
    """Whether tensors, or lists and dictionaries of them, are equal up to a tolerance."""
    if isinstance(tensor1, (list, tuple)):
        is_list = isinstance(tensor2, (list, tuple)) and len(tensor1) == len(tensor2)
        return is_list and all(tensors_equal(*pair, tolerance) for pair in zip(tensor1, tensor2, strict=True))
    if isinstance(tensor1, Mapping):
        is_mapping = isinstance(tensor2, Mapping) and tensor1.keys() == tensor2.keys()
        return is_mapping and all(tensors_equal(tensor1[key], tensor2[key], tolerance) for key in tensor1)
    if not isinstance(tensor1, Tensor):
        return bool(tensor1 == tensor2)
    if not isinstance(tensor2, Tensor) or tensor1.shape != tensor2.shape:
        return False
    if torch.bool in (tensor1.dtype, tensor2.dtype):
        return bool((tensor1 == tensor2).all())
    return bool(((tensor1 - tensor2).abs().float() < tolerance).all())


def has_tensor(obj: Any) -> bool:
    """Whether there is a tensor in lists and dictionaries."""
    if isinstance(obj, Tensor):
        return True
    if isinstance(obj, Mapping):
        return any(map(has_tensor, obj.values()))
    return isinstance(obj, (list, tuple)) and any(map(has_tensor, obj))


def logsumexp(tensor: Tensor, dim: int = -1, keepdim: bool = False) -> Tensor:
    """Compute the logarithm of the sum of exponentials."""
    return tensor.logsumexp(dim=dim, keepdim=keepdim)


def get_device_of(tensor: Tensor) -> int:
    """Give the number of a tensor's GPU; -1 where it is on none."""
    return tensor.get_device() if tensor.is_cuda else -1


def get_range_vector(size: int, device: int) -> Tensor:
    """Count from 0.

    Args:
        size: How many numbers.
        device: Number of a GPU; -1: none.

    Returns:
        int64 (size,)
    """
    return torch.arange(size, device="cpu" if device < 0 else f"cuda:{device}")


def device_mapping(cuda_device: int) -> Callable[[Any, Any], Any]:
    """Make a `map_location` for `torch.load` that puts everything onto one device.

    Args:
        cuda_device: Number of a GPU; -1: none.
    """
    return lambda storage, _: storage.cuda(cuda_device) if cuda_device >= 0 else storage


def distributed_device() -> torch.device:
    """Find the device through which processes reduce tensors.

    Raises:
        RuntimeError: There is one process only.
    """
    if not _several_processes():
        raise RuntimeError("distributed_device: got one process; expected several that train together")
    if distributed.get_backend() == "nccl":
        return torch.device(f"cuda:{torch.cuda.current_device()}")
    return torch.device("cpu")


def dist_reduce(value: Value, reduce_op: Any) -> Value:
    """Reduce a number or a tensor over all processes; with one process, give it back.

    Args:
        value: That of this process.
        reduce_op: An operation of `torch.distributed.ReduceOp`.
    """
    if not _several_processes():
        return value
    reduced = torch.as_tensor(value).clone().to(distributed_device())
    distributed.all_reduce(reduced, op=reduce_op)
    return reduced if isinstance(value, Tensor) else reduced.item()  # type: ignore[return-value]


def dist_reduce_sum(value: Value) -> Value:
    """Add a number or a tensor up over all processes; with one process, give it back."""
    return dist_reduce(value, distributed.ReduceOp.SUM) if _several_processes() else value


def _several_processes() -> bool:
    return distributed.is_available() and distributed.is_initialized()
