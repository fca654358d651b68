"""Batches of several tasks."""

import math
import random
from collections.abc import Iterator
from copy import copy
from itertools import islice
from typing import Literal

import torch
from overrides import overrides

from foldformer.config import AtLeastOne, ConfigurationError, NotNegative
from foldformer.data.batch import Batch
from foldformer.data.data_loaders.data_loader import DataLoader, TensorDict
from foldformer.data.data_loaders.multiprocess import MultiProcessDataLoader
from foldformer.data.devices import as_device, move_to_device
from foldformer.data.instance import Instance
from foldformer.data.multitask.reader import MultiTaskDatasetReader, paths_of_tasks
from foldformer.data.multitask.samplers import MultiTaskEpochSampler
from foldformer.data.multitask.schedulers import MultiTaskScheduler
from foldformer.text import Vocabulary


@DataLoader.register("multitask")
class MultiTaskDataLoader(DataLoader):
    """Read several tasks, and let a scheduler make batches of them.

    An epoch is all instances of all tasks; or `instances_per_epoch` of them, of which a sampler gives each task its
    share, rounded down, and the next epoch goes on where this one ended. The number of batches counts these shares,
    where AllenNLP counts `instances_per_epoch` for every task.

    Args:
        reader: Has a reader for each task.
        data_path: What each of them reads.
        scheduler: Makes the batches.
        sampler: Gives each task its share of an epoch; only with `instances_per_epoch`.
        instances_per_epoch: Instances in an epoch, all tasks together.
        num_workers: Processes that read, for tasks that have any.
        max_instances_in_memory: Most instances that are held at once, for tasks that are read anew every epoch.
        start_method: How the workers of a task start.
        instance_queue_size: Accepted and ignored: torch's loaders keep their own queues.
        instance_chunk_size: Accepted and ignored.
        shuffle: Shuffle the instances of each task every epoch.
        cuda_device: Device for the batches; -1 leaves them where they are made.

    Raises:
        ConfigurationError: There is not one path for each task, or a length without a sampler.
    """

    def __init__(
        self,
        reader: MultiTaskDatasetReader,
        data_path: dict[str, str],
        scheduler: MultiTaskScheduler,
        *,
        sampler: MultiTaskEpochSampler | None = None,
        instances_per_epoch: AtLeastOne | None = None,
        num_workers: dict[str, NotNegative] | None = None,
        max_instances_in_memory: dict[str, AtLeastOne] | None = None,
        start_method: dict[str, Literal["fork", "spawn", "forkserver"]] | None = None,
        instance_queue_size: dict[str, int] | None = None,  # noqa: ARG002
        instance_chunk_size: dict[str, int] | None = None,  # noqa: ARG002
        shuffle: bool = True,
        cuda_device: int | str | torch.device | None = None,
    ) -> None:
        if instances_per_epoch is not None and sampler is None:
            raise ConfigurationError(
                f"sampler: got none with instances_per_epoch {instances_per_epoch}; expected one, such as "
                '"proportional", which says how much each task contributes'
            )
        self.scheduler = scheduler
        self._sampler = sampler  # under this name, as Lightning takes what has a `sampler` for a loader of torch
        self.cuda_device = as_device(cuda_device)
        self._instances_per_epoch = instances_per_epoch
        self._shuffle = shuffle
        self._chunks = max_instances_in_memory or {}
        self._loaders: dict[str, MultiProcessDataLoader] = {}
        for task, path in paths_of_tasks(data_path, reader.readers).items():
            own = copy(reader.readers[task])
            own.labels_required = reader.labels_required
            self._loaders[task] = MultiProcessDataLoader(
                own,
                path,
                batch_size=1,
                num_workers=(num_workers or {}).get(task, 0),
                max_instances_in_memory=self._chunks.get(task),
                start_method=(start_method or {}).get(task, "fork"),
            )
        self._endless = {task: self._again_and_again(task) for task in self._loaders}

    @overrides
    def __len__(self) -> int:
        counts = self._shares() or {task: len(loader) for task, loader in self._loaders.items()}
        return self.scheduler.count_batches(counts)

    @overrides
    def __iter__(self) -> Iterator[TensorDict]:
        shares = self._shares()
        instances = {
            task: self._once(task) if shares is None else islice(self._endless[task], shares[task])
            for task in self._loaders
        }
        for batch in self.scheduler.batch_instances({**instances}):
            tensors = Batch(batch).as_tensor_dict()
            yield tensors if self.cuda_device is None else move_to_device(tensors, self.cuda_device)

    @overrides
    def iter_instances(self) -> Iterator[Instance]:
        for loader in self._loaders.values():
            yield from loader.iter_instances()

    @overrides
    def index_with(self, vocab: Vocabulary) -> None:
        for loader in self._loaders.values():
            loader.index_with(vocab)

    @overrides
    def set_target_device(self, device: torch.device) -> None:
        self.cuda_device = as_device(device)

    def _shares(self) -> dict[str, int] | None:
        """How many instances each task contributes to an epoch of a given length."""
        if self._instances_per_epoch is None or self._sampler is None:
            return None
        proportions = self._sampler.get_task_proportions(self._loaders)
        total = sum(proportions.values())
        return {task: math.floor(share * self._instances_per_epoch / total) for task, share in proportions.items()}

    def _once(self, task: str) -> Iterator[Instance]:
        """All instances of a task, shuffled if so wished, as many at once as may be held."""
        loader, size = self._loaders[task], self._chunks.get(task)
        instances = iter(loader.own_instances()) if size is None else loader.iter_instances()
        while chunk := list(islice(instances, size)):
            if self._shuffle:
                random.shuffle(chunk)
            yield from chunk

    def _again_and_again(self, task: str) -> Iterator[Instance]:
        while True:
            yield from self._once(task)
