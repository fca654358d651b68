"""What every batch sampler can do."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from foldformer.config import ConfigurationError, Registrable
from foldformer.data.instance import Instance

Item = TypeVar("Item")


class BatchSampler(Registrable, ABC):
    """Chooses which instances make up each batch of an epoch.

    Chance comes from Python's `random`, so that its seed decides the batches.
    """

    @abstractmethod
    def get_batch_indices(self, instances: Sequence[Instance]) -> Iterable[list[int]]:
        """Yield the positions in `instances` of each batch."""

    @abstractmethod
    def get_num_batches(self, instances: Sequence[Instance]) -> int:
        """Count the batches that the next call of `get_batch_indices` would yield."""

    def get_batch_size(self) -> int | None:
        """Return the number of instances in every batch but the last; None where batches differ."""
        return None


class FixedSizeBatchSampler(BatchSampler):
    """A sampler whose batches all have one size, the last perhaps excepted.

    Args:
        batch_size: Instances in a batch.
        drop_last: Leave the last batch out if it is smaller.

    Raises:
        ConfigurationError: `batch_size` is below 1.
    """

    def __init__(self, batch_size: int, drop_last: bool = False) -> None:
        if batch_size < 1:
            raise ConfigurationError(f"batch_size: got {batch_size}; expected at least 1")
        self.batch_size = batch_size
        self.drop_last = drop_last

    def get_num_batches(self, instances: Sequence[Instance]) -> int:
        """Count the batches."""
        whole, rest = divmod(len(instances), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def get_batch_size(self) -> int | None:
        """Return `batch_size`."""
        return self.batch_size

    def _cut(self, order: Iterable[int]) -> Iterator[list[int]]:
        return (batch for batch in groups_of(order, self.batch_size) if not self._is_dropped(batch))

    def _is_dropped(self, batch: Sequence[int]) -> bool:
        return self.drop_last and len(batch) < self.batch_size


def groups_of(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Cut into lists of `size` items, the last perhaps smaller."""
    rest = iter(items)
    while group := list(islice(rest, size)):
        yield group
