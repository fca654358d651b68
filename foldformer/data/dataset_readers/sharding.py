"""Who reads which part of the data.

instance      0 1 2 3 4 5 6 7 8 9 10            2 processes, 2 workers each
process 0     0   2   4   6   8                 10 is left out: not every process would get one more
  worker 0    0       4       8
  worker 1        2       6
process 1       1   3   5   7   9
  worker 0      1       5       9
  worker 1          3       7
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import torch.distributed as dist

Item = TypeVar("Item")


@dataclass(frozen=True)
class WorkerInfo:
    """A worker process of a data loader.

    Args:
        num_workers: How many there are.
        id: Which one this is, from 0.
    """

    num_workers: int
    id: int


@dataclass(frozen=True)
class DistributedInfo:
    """A process of a distributed run.

    Args:
        world_size: How many there are, on all machines.
        global_rank: Which one this is, from 0.
    """

    world_size: int
    global_rank: int


def current_distributed_info() -> DistributedInfo | None:
    """Tell which process of a distributed run this is; None where there is no such run."""
    if not (dist.is_available() and dist.is_initialized()):
        return None
    return DistributedInfo(dist.get_world_size(), dist.get_rank())


def shard_for_process(items: Iterable[Item], info: DistributedInfo | None) -> Iterator[Item]:
    """Take this process's part of the items, equally many in every process.

    Processes that train together must take equally many steps, or the last one waits for ever. So items that do not
    make up a whole round, fewer than there are processes, are left out.
    """
    if info is None:
        yield from items
        return
    rest = iter(items)
    while len(round_ := list(islice(rest, info.world_size))) == info.world_size:
        yield round_[info.global_rank]


def shard_for_worker(items: Iterable[Item], info: WorkerInfo | None) -> Iterator[Item]:
    """Take this worker's part of its process's items; the parts differ by one item at most."""
    return iter(items) if info is None else islice(items, info.id, None, info.num_workers)


def limit_of_shard(limit: int | None, distributed: DistributedInfo | None, worker: WorkerInfo | None) -> int | None:
    """How many of `limit` instances fall to this shard; together the shards hold the first of all instances."""
    if limit is None:
        return None
    if distributed is not None:
        limit //= distributed.world_size
    if worker is not None:
        limit = limit // worker.num_workers + (worker.id < limit % worker.num_workers)
    return limit
