"""Batches that fit into memory, whatever the lengths."""

import logging
import random
from collections.abc import Iterable, Iterator, Sequence

from overrides import overrides

from foldformer.config import AtLeastOne, ConfigurationError, Fraction
from foldformer.data.instance import Instance
from foldformer.data.samplers.batch_sampler import BatchSampler
from foldformer.data.samplers.lengths import find_sorting_keys, lengths_of, noisy_lengths, order_of

logger = logging.getLogger(__name__)


@BatchSampler.register("max_tokens_sampler")
class MaxTokensBatchSampler(BatchSampler):
    """Sort instances by length and put as many into each batch as stay, padded, within a number of tokens.

        lengths 2 3 3 5 9, max_tokens 10:  [2 3 3] = 9   [5] = 5   [9] = 9

    A longer instance makes a batch by itself. The batches are shuffled.

    Args:
        max_tokens: Most tokens in a batch: its instances times the longest of them.
        sorting_keys: Fields to sort by, the first first; the longest of them counts. By default the longest field of
            the first instances.
        padding_noise: Lengths are sorted after a random change by up to this fraction of themselves, in [0, 1], so that
            batches differ from epoch to epoch.

    Raises:
        ConfigurationError: `max_tokens` is below 1.
    """

    def __init__(
        self, max_tokens: AtLeastOne, sorting_keys: list[str] | None = None, padding_noise: Fraction = 0.1
    ) -> None:
        if max_tokens < 1:
            raise ConfigurationError(f"max_tokens: got {max_tokens}; expected at least 1")
        self.max_tokens = max_tokens
        self.sorting_keys = sorting_keys
        self.padding_noise = padding_noise

    @overrides
    def get_batch_indices(self, instances: Sequence[Instance]) -> Iterable[list[int]]:
        batches = list(self._batches(instances))
        random.shuffle(batches)
        return batches

    @overrides
    def get_num_batches(self, instances: Sequence[Instance]) -> int:
        # The noise of the batches to come is the noise of this count: neither depends on having been asked.
        state = random.getstate()
        number = sum(1 for _ in self._batches(instances))
        random.setstate(state)
        return number

    def _batches(self, instances: Sequence[Instance]) -> Iterator[list[int]]:
        if not self.sorting_keys:
            self.sorting_keys = find_sorting_keys(instances)
            logger.info("batches are sorted by the length of %s", self.sorting_keys)
        batch: list[int] = []
        longest = 0
        for position in order_of(noisy_lengths(instances, self.sorting_keys, self.padding_noise)):
            length = max(lengths_of(instances[position], self.sorting_keys))
            if batch and max(length, longest) * (len(batch) + 1) > self.max_tokens:
                yield batch
                batch, longest = [], 0
            if length > self.max_tokens:
                logger.warning("an instance of %d tokens is longer than max_tokens, %d", length, self.max_tokens)
            batch.append(position)
            longest = max(longest, length)
        if batch:
            yield batch
