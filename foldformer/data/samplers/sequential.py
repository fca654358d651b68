"""Batches in the order of the data."""

from collections.abc import Iterable, Sequence

from overrides import overrides

from foldformer.data.instance import Instance
from foldformer.data.samplers.batch_sampler import BatchSampler, FixedSizeBatchSampler


@BatchSampler.register("sequential")
class SequentialBatchSampler(FixedSizeBatchSampler):
    """Take the instances as they come.

    Args:
        batch_size: Instances in a batch.
        drop_last: Leave the last batch out if it is smaller.

    Raises:
        ConfigurationError: `batch_size` is below 1.
    """

    @overrides
    def get_batch_indices(self, instances: Sequence[Instance]) -> Iterable[list[int]]:
        return self._cut(range(len(instances)))
