"""How batches are made of the instances of several tasks."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from overrides import overrides

from foldformer.config import AtLeastOne, Registrable
from foldformer.data.instance import Instance

Item = TypeVar("Item")


class MultiTaskScheduler(Registrable, ABC):
    """Makes the batches of an epoch."""

    default_implementation = "homogeneous_roundrobin"

    @abstractmethod
    def batch_instances(self, epoch_instances: dict[str, Iterable[Instance]]) -> Iterable[list[Instance]]:
        """Make the batches of an epoch.

        Args:
            epoch_instances: The epoch's instances of each task.
        """

    @abstractmethod
    def count_batches(self, dataset_counts: dict[str, int]) -> int:
        """Count the batches of an epoch.

        Args:
            dataset_counts: The number of the epoch's instances of each task.
        """

    def update_from_epoch_metrics(self, epoch_metrics: dict[str, Any]) -> None:
        """Take the metrics of the last epoch into account; nothing, unless a scheduler does."""


@MultiTaskScheduler.register("roundrobin")
class RoundRobinScheduler(MultiTaskScheduler):
    """Take one instance of each task in turn, and cut the row into batches; all tasks must have the same fields.

    Args:
        batch_size: Instances in a batch.
        drop_last: Leave the last batch out if it is smaller.
    """

    def __init__(self, batch_size: AtLeastOne, drop_last: bool = False) -> None:
        self.batch_size = batch_size
        self.drop_last = drop_last

    @overrides
    def batch_instances(self, epoch_instances: dict[str, Iterable[Instance]]) -> Iterable[list[Instance]]:
        return chunked(round_robin(*epoch_instances.values()), self.batch_size, self.drop_last)

    @overrides
    def count_batches(self, dataset_counts: dict[str, int]) -> int:
        return _num_chunks(sum(dataset_counts.values()), self.batch_size, self.drop_last)


@MultiTaskScheduler.register("homogeneous_roundrobin")
class HomogeneousRoundRobinScheduler(MultiTaskScheduler):
    """Make batches of one task each, and take one batch of each task in turn.

    Args:
        batch_size: Instances in a batch, for all tasks or for each.
        drop_last: Leave a task's last batch out if it is smaller.
    """

    def __init__(self, batch_size: AtLeastOne | dict[str, AtLeastOne], drop_last: bool = False) -> None:
        self.batch_size = batch_size
        self.drop_last = drop_last

    @overrides
    def batch_instances(self, epoch_instances: dict[str, Iterable[Instance]]) -> Iterable[list[Instance]]:
        return round_robin(*(chunked(own, self._size(task), self.drop_last) for task, own in epoch_instances.items()))

    @overrides
    def count_batches(self, dataset_counts: dict[str, int]) -> int:
        return sum(_num_chunks(count, self._size(task), self.drop_last) for task, count in dataset_counts.items())

    def _size(self, task: str) -> int:
        return self.batch_size[task] if isinstance(self.batch_size, Mapping) else self.batch_size


def round_robin(*iterables: Iterable[Item]) -> Iterator[Item]:
    """Yield an item of each in turn, until all are used up."""
    iterators = [iter(each) for each in iterables]
    while iterators:
        remaining = []
        for each in iterators:
            for item in islice(each, 1):
                yield item
                remaining.append(each)
        iterators = remaining


def chunked(iterable: Iterable[Item], chunk_size: int, drop_last: bool) -> Iterator[list[Item]]:
    """Cut into lists of one size; the last one may be smaller, or is left out.

    Args:
        iterable: The items.
        chunk_size: Items in a list.
        drop_last: Leave the last list out if it is smaller.
    """
    items = iter(iterable)
    while chunk := list(islice(items, chunk_size)):
        if len(chunk) == chunk_size or not drop_last:
            yield chunk


def _num_chunks(count: int, size: int, drop_last: bool) -> int:
    return count // size if drop_last else -(-count // size)
