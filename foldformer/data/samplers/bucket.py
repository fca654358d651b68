"""Batches of instances of like length."""

import logging
import random
from collections.abc import Iterable, Sequence

from overrides import overrides

from foldformer.config import AtLeastOne, Fraction
from foldformer.data.instance import Instance
from foldformer.data.samplers.batch_sampler import BatchSampler, FixedSizeBatchSampler
from foldformer.data.samplers.lengths import find_sorting_keys, noisy_lengths, order_of

logger = logging.getLogger(__name__)


@BatchSampler.register("bucket")
class BucketBatchSampler(FixedSizeBatchSampler):
    """Sort instances by length, so that little of a batch is padding, and shuffle the batches.

    Args:
        batch_size: Instances in a batch.
        sorting_keys: Fields to sort by, the first first. By default the longest field of the first instances.
        padding_noise: Lengths are sorted after a random change by up to this fraction of themselves, in [0, 1], so that
            batches differ from epoch to epoch.
        drop_last: Leave out the batch that is smaller than the others.
        shuffle: False keeps the batches in order of length, without noise.

    Raises:
        ConfigurationError: `batch_size` is below 1.
    """

    def __init__(
        self,
        batch_size: AtLeastOne,
        sorting_keys: list[str] | None = None,
        padding_noise: Fraction = 0.1,
        drop_last: bool = False,
        shuffle: bool = True,
    ) -> None:
        super().__init__(batch_size, drop_last)
        self.sorting_keys = sorting_keys
        self.padding_noise = padding_noise if shuffle else 0.0
        self.shuffle = shuffle

    @overrides
    def get_batch_indices(self, instances: Sequence[Instance]) -> Iterable[list[int]]:
        if not self.sorting_keys:
            self.sorting_keys = find_sorting_keys(instances)
            logger.info("batches are sorted by the length of %s", self.sorting_keys)
        batches = list(self._cut(order_of(noisy_lengths(instances, self.sorting_keys, self.padding_noise))))
        if self.shuffle:
            random.shuffle(batches)
        return batches
