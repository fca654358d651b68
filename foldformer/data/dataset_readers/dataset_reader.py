"""From files to instances."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from os import PathLike
from typing import Any, TypeVar

from foldformer.config import ConfigurationError, NotNegative, Registrable
from foldformer.data.dataset_readers.sharding import (
    DistributedInfo,
    WorkerInfo,
    current_distributed_info,
    limit_of_shard,
    shard_for_process,
    shard_for_worker,
)
from foldformer.data.instance import Instance
from foldformer.text.archives import FileContentError

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
PathOrStr = str | PathLike[str]
DatasetReaderInput = PathOrStr | Sequence[PathOrStr] | Mapping[str, PathOrStr]
"""What `read` takes: a path, glob or URL, or several of them. Readers of your own may give names to several."""


class DatasetReader(Registrable, ABC):
    """Turns files into instances, one at a time.

    A reader of your own overrides `_read`, which yields instances made by `text_to_instance`, and
    `apply_token_indexers`, so that instances travel between processes without their indexers.

    Among several processes and workers everyone reads everything and keeps its own part. That costs the time of making
    the rest; a reader saves it by putting `shard_iterable` around what it makes instances of, as its last filter, so
    that one item is one instance, and by saying so with both `manual_*_sharding`.

    Args:
        max_instances: Read only the first so many, counted over all processes and workers.
        manual_distributed_sharding: `_read` leaves out the parts of other processes itself.
        manual_multiprocess_sharding: `_read` leaves out the parts of other workers itself.
        serialization_dir: Where the run that reads writes its output.
        lazy: Accepted and ignored, also in the first place, where AllenNLP 1 had it: the data loader's
            `max_instances_in_memory` streams.
        cache_directory: Accepted and ignored: instances are not cached.

    Attributes:
        labels_required: An instance without label is an error. Training sets it; prediction needs no labels.

    Raises:
        ConfigurationError: `max_instances` is negative.
    """

    def __init__(
        self,
        max_instances: NotNegative | None = None,
        manual_distributed_sharding: bool = False,
        manual_multiprocess_sharding: bool = False,
        serialization_dir: str | None = None,
        lazy: bool | None = None,
        cache_directory: str | None = None,
    ) -> None:
        if isinstance(max_instances, bool):
            max_instances, lazy = None, max_instances
        if lazy:
            logger.warning("lazy is ignored; max_instances_in_memory of the data loader streams")
        if cache_directory is not None:
            logger.warning("cache_directory is ignored; instances are not cached")
        if max_instances is not None and max_instances < 0:
            raise ConfigurationError(f"max_instances: got {max_instances}; expected 0 or more, or null for all")
        self.max_instances = max_instances
        self.manual_distributed_sharding = manual_distributed_sharding
        self.manual_multiprocess_sharding = manual_multiprocess_sharding
        self.serialization_dir = serialization_dir
        self.labels_required = False
        self._worker_info: WorkerInfo | None = None
        self._distributed_info: DistributedInfo | None = None
        self._distributed_info_is_set = False

    def read(self, file_path: DatasetReaderInput) -> Iterator[Instance]:
        """Read the instances of this process's and this worker's part.

        Raises:
            FileNotFoundError: There is no such file.
            FileContentError: The file is not what this reader reads, or holds no instance at all.
        """
        distributed, worker = self.get_distributed_info(), self._worker_info
        limit = limit_of_shard(self.max_instances, distributed, worker)
        is_empty = True
        for instance in islice(self._own_part(self._read(file_path)), limit):
            is_empty = False
            if worker is None:
                self.apply_token_indexers(instance)
            yield instance
        if is_empty and limit != 0 and distributed is None and worker is None:
            raise FileContentError(f"{file_path}: got no instances; expected at least one; the file is empty")

    @abstractmethod
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        """Yield the instances of a file, best one by one as they are read."""

    def text_to_instance(self, *inputs: Any, **named_inputs: Any) -> Instance | None:
        """Turn what a user types, or one entry of a file, into an instance.

        A reader may return None for an entry that it leaves out.
        """
        raise NotImplementedError(f"{type(self).__name__} has no text_to_instance")

    def apply_token_indexers(self, instance: Instance) -> None:
        """Set the token indexers of the text fields of an instance that `_read` made."""

    def get_worker_info(self) -> WorkerInfo | None:
        """Return which worker of a data loader this is; None in the main process."""
        return self._worker_info

    def get_distributed_info(self) -> DistributedInfo | None:
        """Return which process of a distributed run this is; None where there is no such run."""
        return self._distributed_info if self._distributed_info_is_set else current_distributed_info()

    def _set_worker_info(self, info: WorkerInfo | None) -> None:
        self._worker_info = info

    def _set_distributed_info(self, info: DistributedInfo | None) -> None:
        """Fix what `get_distributed_info` returns, whatever run there is."""
        self._distributed_info = info
        self._distributed_info_is_set = True

    def shard_iterable(self, iterable: Iterable[Item]) -> Iterator[Item]:
        """Take this process's and this worker's part of what `_read` makes instances of.

        Raises:
            ConfigurationError: The reader does not say that it shards by itself.
        """
        if not (self.manual_distributed_sharding and self.manual_multiprocess_sharding):
            raise ConfigurationError(
                f"{type(self).__name__}.shard_iterable: got a reader that leaves sharding to its base class; expected "
                "super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True) in its __init__"
            )
        return shard_for_worker(shard_for_process(iterable, self.get_distributed_info()), self._worker_info)

    def _own_part(self, instances: Iterable[Instance]) -> Iterator[Instance]:
        distributed = None if self.manual_distributed_sharding else self.get_distributed_info()
        worker = None if self.manual_multiprocess_sharding else self._worker_info
        if worker is not None and worker.num_workers > 1 and worker.id == 0:
            logger.warning(
                "%s does not shard by itself, so each of the %d workers makes every instance; see manual_*_sharding",
                type(self).__name__,
                worker.num_workers,
            )
        return shard_for_worker(shard_for_process(instances, distributed), worker)
