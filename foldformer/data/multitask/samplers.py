"""How much each task contributes to an epoch."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from overrides import overrides

from foldformer.config import ConfigurationError, Registrable
from foldformer.data.data_loaders import DataLoader


class MultiTaskEpochSampler(Registrable, ABC):
    """Decides which share of an epoch's instances comes from which task."""

    @abstractmethod
    def get_task_proportions(self, data_loaders: Mapping[str, DataLoader]) -> dict[str, float]:
        """Give each task its share.

        Args:
            data_loaders: Loaders of the tasks, in batches of one instance.
        """

    def update_from_epoch_metrics(self, epoch_metrics: dict[str, Any]) -> None:
        """Take the metrics of the last epoch into account; nothing, unless a sampler does."""


@MultiTaskEpochSampler.register("uniform")
class UniformSampler(MultiTaskEpochSampler):
    """Give all tasks the same share."""

    @overrides
    def get_task_proportions(self, data_loaders: Mapping[str, DataLoader]) -> dict[str, float]:
        return dict.fromkeys(data_loaders, 1 / len(data_loaders))


@MultiTaskEpochSampler.register("weighted")
class WeightedSampler(MultiTaskEpochSampler):
    """Give tasks the shares that the configuration says.

    Args:
        weights: Weight of each task; they need not add up to 1.
    """

    def __init__(self, weights: dict[str, float]) -> None:
        self.weights = weights

    @overrides
    def get_task_proportions(self, data_loaders: Mapping[str, DataLoader]) -> dict[str, float]:
        """Give each task its share.

        Raises:
            ConfigurationError: A task has no weight.
        """
        without = [task for task in data_loaders if task not in self.weights]
        if without:
            raise ConfigurationError(f"sampler.weights: got none for {', '.join(without)}; expected one for each task")
        total = sum(self.weights[task] for task in data_loaders)
        return {task: self.weights[task] / total for task in data_loaders}


@MultiTaskEpochSampler.register("proportional")
class ProportionalSampler(MultiTaskEpochSampler):
    """Give tasks shares by the number of their instances."""

    @overrides
    def get_task_proportions(self, data_loaders: Mapping[str, DataLoader]) -> dict[str, float]:
        """Give each task its share.

        Raises:
            ConfigurationError: A task's number of instances is not known.
        """
        try:
            sizes = {task: len(loader) for task, loader in data_loaders.items()}
        except TypeError as error:
            raise ConfigurationError(
                f'sampler: got "proportional", which needs to know the number of instances, but {error}'
            ) from error
        return {task: size / sum(sizes.values()) for task, size in sizes.items()}
