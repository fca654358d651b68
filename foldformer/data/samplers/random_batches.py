"""Batches in a new order every epoch."""

import random
from collections.abc import Iterable, Sequence

from overrides import overrides

from foldformer.data.instance import Instance
from foldformer.data.samplers.batch_sampler import BatchSampler, FixedSizeBatchSampler


@BatchSampler.register("random")
class RandomBatchSampler(FixedSizeBatchSampler):
    """Shuffle the instances.

    Args:
        batch_size: Instances in a batch.
        drop_last: Leave the last batch out if it is smaller.

    Raises:
        ConfigurationError: `batch_size` is below 1.
    """

    @overrides
    def get_batch_indices(self, instances: Sequence[Instance]) -> Iterable[list[int]]:
        order = list(range(len(instances)))
        random.shuffle(order)
        return self._cut(order)
