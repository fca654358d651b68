"""Data of several tasks for one model: a reader a task, and batches of all of them."""

from foldformer.data.multitask.loader import MultiTaskDataLoader
from foldformer.data.multitask.reader import MultiTaskDatasetReader
from foldformer.data.multitask.samplers import (
    MultiTaskEpochSampler,
    ProportionalSampler,
    UniformSampler,
    WeightedSampler,
)
from foldformer.data.multitask.schedulers import (
    HomogeneousRoundRobinScheduler,
    MultiTaskScheduler,
    RoundRobinScheduler,
)

__all__ = [
    "HomogeneousRoundRobinScheduler",
    "MultiTaskDataLoader",
    "MultiTaskDatasetReader",
    "MultiTaskEpochSampler",
    "MultiTaskScheduler",
    "ProportionalSampler",
    "RoundRobinScheduler",
    "UniformSampler",
    "WeightedSampler",
]
