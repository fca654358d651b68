"""Batch samplers: which instances go through a model together, one registered class a file."""

from foldformer.data.samplers.batch_sampler import BatchSampler, groups_of
from foldformer.data.samplers.bucket import BucketBatchSampler
from foldformer.data.samplers.max_tokens import MaxTokensBatchSampler
from foldformer.data.samplers.random_batches import RandomBatchSampler
from foldformer.data.samplers.sequential import SequentialBatchSampler
from foldformer.data.samplers.weighted_random import WeightedRandomBatchSampler

__all__ = [
    "BatchSampler",
    "BucketBatchSampler",
    "MaxTokensBatchSampler",
    "RandomBatchSampler",
    "SequentialBatchSampler",
    "WeightedRandomBatchSampler",
    "groups_of",
]
