"""How instances are put together into batches, with all of them at hand or only some."""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from foldformer.config import ConfigurationError, Problem, refuse
from foldformer.config.nearest import show
from foldformer.data.instance import Instance
from foldformer.data.samplers import BatchSampler, RandomBatchSampler, SequentialBatchSampler, groups_of

Item = TypeVar("Item")


@dataclass(frozen=True)
class Batching:
    """The options of a data loader that decide its batches.

    Args:
        batch_size: Instances in a batch, where there is no sampler.
        drop_last: Leave the last batch out if it is smaller, where there is no sampler.
        shuffle: Shuffle the instances every epoch, where there is no sampler.
        batch_sampler: Chooses the batches.
        max_instances_in_memory: Most instances that are held at once; None for all.

    Raises:
        ConfigurationError: An option is out of range, or goes ill with another.
    """

    batch_size: int | None = None
    drop_last: bool = False
    shuffle: bool = False
    batch_sampler: BatchSampler | None = None
    max_instances_in_memory: int | None = None

    def __post_init__(self) -> None:
        refuse(problems_of_batching(vars(self)))
        held = self.max_instances_in_memory
        smallest = self.fixed_size or 1
        if held is not None and held < smallest:
            raise ConfigurationError(f"max_instances_in_memory: got {held}; expected at least a batch, {smallest}")

    @property
    def fixed_size(self) -> int | None:
        """Instances in every batch but the last; None where batches differ."""
        return self.batch_size if self.batch_sampler is None else self.batch_sampler.get_batch_size()

    def sampler(self) -> BatchSampler:
        """The sampler, or the one that the other options amount to."""
        if self.batch_sampler is not None:
            return self.batch_sampler
        assert self.batch_size is not None, "checked above"
        kind = RandomBatchSampler if self.shuffle else SequentialBatchSampler
        return kind(self.batch_size, self.drop_last)

    def of_stream(self, instances: Iterable[Instance]) -> Iterator[list[Instance]]:
        """Put together instances that arrive one by one, with never more than the allowed number held.

        A sampler chooses among that many at a time. Without one, what is shuffled is a pool of that many, from which an
        instance is drawn whenever another arrives.
        """
        held = self.max_instances_in_memory
        assert held is not None, "without a limit nothing streams"
        if self.batch_sampler is not None:
            for chunk in groups_of(instances, held):
                for indices in self.batch_sampler.get_batch_indices(chunk):
                    yield [chunk[index] for index in indices]
            return
        assert self.batch_size is not None, "checked above"
        for batch in groups_of(_pool_shuffled(instances, held) if self.shuffle else instances, self.batch_size):
            if not self.drop_last or len(batch) == self.batch_size:
                yield batch


def problems_of_batching(options: Mapping[str, Any]) -> Iterator[Problem]:
    """Find options that do not go together.

    Args:
        options: Those of `Batching`, by name; those that are not there have their defaults.
    """
    size, held = options.get("batch_size"), options.get("max_instances_in_memory")
    if options.get("batch_sampler") is not None:
        for name in ("batch_size", "drop_last", "shuffle"):
            if options.get(name):
                yield Problem(
                    name,
                    f"got {show(options[name])} beside a batch_sampler; expected only one of them; "
                    "give it to the sampler",
                )
    elif size is None:
        yield Problem("batch_size", "got none; expected a batch_size, or a batch_sampler")
    elif size < 1:
        yield Problem("batch_size", f"got {size}; expected at least 1")
    elif held is not None and held < size:
        yield Problem("max_instances_in_memory", f"got {held}; expected at least a batch, {size}")


def _pool_shuffled(items: Iterable[Item], pool_size: int) -> Iterator[Item]:
    """Shuffle a stream as far as a pool allows; a seed gives the order that it gave in AllenNLP."""
    rest = iter(items)
    pool = list(islice(rest, pool_size))
    for item in rest:
        place = random.randrange(pool_size)
        drawn, pool[place] = pool[place], item
        yield drawn
    if pool:
        yield pool.pop(random.randrange(len(pool)))
    random.shuffle(pool)
    yield from pool
