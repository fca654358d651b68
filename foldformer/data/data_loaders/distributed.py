"""What the processes of a distributed run must agree on before they read on."""

import torch
import torch.distributed as dist

from foldformer.data.dataset_readers.sharding import current_distributed_info


def smallest_of_all(number: int) -> int:
    """The smallest of the numbers of all processes. Every process must call this, or the others wait for ever."""
    info = current_distributed_info()
    if info is None or info.world_size == 1:
        return number
    on_gpu = dist.get_backend() == "nccl"
    shared = torch.tensor(number, device=torch.device("cuda", torch.cuda.current_device()) if on_gpu else None)
    dist.all_reduce(shared, op=dist.ReduceOp.MIN)
    return int(shared.item())
