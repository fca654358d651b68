"""The data loader of experiment files."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import torch
from overrides import overrides
from rich.console import Console
from rich.progress import track

from foldformer.config import AtLeastOne, ConfigurationError, NotNegative, Problem
from foldformer.data.data_loaders.batching import Batching, problems_of_batching
from foldformer.data.data_loaders.data_collator import DataCollator, DefaultDataCollator
from foldformer.data.data_loaders.data_loader import DataLoader, TensorDict, not_indexed
from foldformer.data.data_loaders.distributed import smallest_of_all
from foldformer.data.data_loaders.epochs import EpochsOfLength
from foldformer.data.data_loaders.streaming import BatchStream, Source, read_in_workers, through_torch
from foldformer.data.dataset_readers import DatasetReader, DatasetReaderInput
from foldformer.data.devices import as_device, move_to_device
from foldformer.data.instance import Instance
from foldformer.data.samplers import BatchSampler
from foldformer.text import Vocabulary
from foldformer.text.archives import FileContentError

logger = logging.getLogger(__name__)


@DataLoader.register("multiprocess")
class MultiProcessDataLoader(DataLoader):
    """Read with a reader, in this process or several, and make batches.

    By default all instances are read at once and kept, indexed, for all epochs; workers only share the reading, because
    sending a finished batch between processes costs more than making it. With `max_instances_in_memory` the data is
    read anew every epoch: each worker reads its part, indexes it and makes batches of it, and only tensors travel.

    In a distributed run each process gets its own part, and all get equally many batches: of the instances that do not
    make up a whole round over the processes, and of the batches that not every process has, none is used. Then `len`
    and `iter` wait for all processes.

    Args:
        reader: Reads the instances.
        data_path: What the reader reads.
        batch_size: Instances in a batch.
        drop_last: Leave the last batch out if it is smaller.
        shuffle: Shuffle the instances every epoch.
        batch_sampler: Chooses the batches, in place of the last three.
        batches_per_epoch: Batches in an epoch; the next one goes on from there. By default once through the data.
        num_workers: Processes that read; 0 reads in this one.
        max_instances_in_memory: Most instances that each worker holds at once, at least a batch. By default all are
            held. A sampler chooses among this many at a time.
        start_method: How workers start. They inherit memory with "fork", which is fast; choose another if they hang.
        cuda_device: Device for the batches; -1 leaves them where they are made.
        quiet: Show no progress bar while reading.
        collate_fn: Makes the tensors of a batch.

    Raises:
        ConfigurationError: An option is out of range, or goes ill with another.
        FileContentError: The data is not what the reader reads, or there is none.
    """

    def __init__(
        self,
        reader: DatasetReader,
        data_path: DatasetReaderInput,
        *,
        batch_size: AtLeastOne | None = None,
        drop_last: bool = False,
        shuffle: bool = False,
        batch_sampler: BatchSampler | None = None,
        batches_per_epoch: AtLeastOne | None = None,
        num_workers: NotNegative = 0,
        max_instances_in_memory: AtLeastOne | None = None,
        start_method: Literal["fork", "spawn", "forkserver"] = "fork",
        cuda_device: int | str | torch.device | None = None,
        quiet: bool = False,
        collate_fn: DataCollator | None = None,
    ) -> None:
        if num_workers < 0:
            raise ConfigurationError(f"num_workers: got {num_workers}; expected 0 or more")
        if batches_per_epoch is not None and batches_per_epoch < 1:
            raise ConfigurationError(f"batches_per_epoch: got {batches_per_epoch}; expected at least 1")
        self._batching = Batching(batch_size, drop_last, shuffle, batch_sampler, max_instances_in_memory)
        self.reader = reader
        self.data_path = data_path
        self.batches_per_epoch = batches_per_epoch
        self.num_workers = num_workers
        self.max_instances_in_memory = max_instances_in_memory
        self.start_method = start_method
        self.cuda_device = as_device(cuda_device)
        self.quiet = quiet
        self.collate_fn = collate_fn or DefaultDataCollator()
        self._vocab: Vocabulary | None = None
        self._epochs = None if batches_per_epoch is None else EpochsOfLength(self._batches, batches_per_epoch)
        self._instances: list[Instance] | None = None
        self._was_sharded_by_reader = reader.get_distributed_info() is not None
        self._own: list[Instance] | None = None
        if max_instances_in_memory is None:
            self._instances = self._read_all()

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterable[Problem]:
        """Options that do not go together."""
        return problems_of_batching(block)

    @overrides
    def __len__(self) -> int:
        if self.batches_per_epoch is not None:
            return self.batches_per_epoch
        if self._instances is None:
            raise TypeError(
                "the number of batches is not known while max_instances_in_memory is set without batches_per_epoch"
            )
        return self._agreed(self._batching.sampler().get_num_batches(self.own_instances()))

    @overrides
    def __iter__(self) -> Iterator[TensorDict]:
        if self._vocab is None:
            raise not_indexed(self)
        return self._batches() if self._epochs is None else self._epochs.next_epoch()

    @overrides
    def iter_instances(self) -> Iterator[Instance]:
        for instance in self._read() if self._instances is None else self._instances:
            if self._vocab is not None:
                instance.index_fields(self._vocab)
            yield instance

    @overrides
    def index_with(self, vocab: Vocabulary) -> None:
        self._vocab = vocab
        for instance in self._instances or ():
            instance.index_fields(vocab)

    @overrides
    def set_target_device(self, device: torch.device) -> None:
        self.cuda_device = as_device(device)

    def _read(self) -> Iterator[Instance]:
        if self.num_workers == 0:
            instances = self.reader.read(self.data_path)
        else:
            instances = read_in_workers(self._source(), self.num_workers, self.start_method)
        is_empty = True
        for instance in instances:
            is_empty = False
            self.reader.apply_token_indexers(instance)
            yield instance
        if is_empty and self.reader.max_instances != 0:
            raise self._no_data()

    def _batches(self) -> Iterator[TensorDict]:
        is_empty = True
        for batch in self._batches_in_memory() if self._instances is not None else self._streamed_batches():
            is_empty = False
            yield batch if self.cuda_device is None else move_to_device(batch, self.cuda_device)
        if is_empty:
            raise self._no_data()

    def _batches_in_memory(self) -> Iterator[TensorDict]:
        instances = self.own_instances()
        batches = list(self._batching.sampler().get_batch_indices(instances))
        yield from through_torch(
            instances,
            0,
            self.start_method,
            pin_memory=self._pins_memory(),
            batch_size=1,
            batch_sampler=batches[: self._agreed(len(batches))],
            collate_fn=self.collate_fn,
        )

    def _streamed_batches(self) -> Iterator[TensorDict]:
        assert self._vocab is not None, "checked when the epoch began"
        source = self._source()
        if source.distributed is not None and self._batching.fixed_size is None and self.batches_per_epoch is None:
            raise ConfigurationError(
                "batches_per_epoch: got none; expected it in a distributed run with max_instances_in_memory and a "
                "sampler whose batches differ in size, so that all processes take equally many"
            )
        stream = BatchStream(source, self._vocab, self._batching, self.collate_fn)
        yield from through_torch(stream, self.num_workers, self.start_method, pin_memory=self._pins_memory())

    def own_instances(self) -> list[Instance]:
        """Give the instances that are this process's part; only without `max_instances_in_memory`."""
        assert self._instances is not None, "only where all are in memory"
        info = self.reader.get_distributed_info()
        if info is None:
            return self._instances
        if self._own is None:
            own = (
                self._instances if self._was_sharded_by_reader else self._instances[info.global_rank :: info.world_size]
            )
            # Readers that filter after sharing out give unequal parts.
            self._own = own[: smallest_of_all(len(own))]
        return self._own

    def _agreed(self, num_batches: int) -> int:
        """As many batches as every process has."""
        return num_batches if self._batching.fixed_size is not None else smallest_of_all(num_batches)

    def _source(self) -> Source:
        return Source(self.reader, self.data_path, self.reader.get_distributed_info())

    def _pins_memory(self) -> bool:
        return self.cuda_device is not None and self.cuda_device.type == "cuda"

    def _read_all(self) -> list[Instance]:
        console = Console(stderr=True)
        is_silent = self.quiet or not console.is_terminal
        return list(track(self._read(), "loading instances", console=console, transient=True, disable=is_silent))

    def _no_data(self) -> FileContentError:
        return FileContentError(
            f"{self.data_path}: got no batches; expected at least one; the data is empty, or smaller than the number "
            "of processes, or than one batch with drop_last"
        )
