"""Instances and batches from reading processes, through torch's data loader."""

import itertools
import pickle
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.utils.data
from torch.utils.data import IterableDataset

from foldformer.config import ConfigurationError
from foldformer.data.data_loaders.batching import Batching
from foldformer.data.data_loaders.data_collator import DataCollator
from foldformer.data.data_loaders.data_loader import TensorDict
from foldformer.data.dataset_readers import DatasetReader, DatasetReaderInput, DistributedInfo, WorkerInfo
from foldformer.data.fields import TextField
from foldformer.data.instance import Instance
from foldformer.data.samplers import groups_of
from foldformer.text import Vocabulary

_CHUNK = 32  # instances that travel together: one by one, most of the time goes into the queue


@dataclass(frozen=True)
class Source:
    """What is read, and for whom.

    Args:
        reader: Reads.
        data_path: What it reads.
        distributed: The process of a distributed run that wants its part. Workers cannot find out by themselves.
    """

    reader: DatasetReader
    data_path: DatasetReaderInput
    distributed: DistributedInfo | None

    def instances(self) -> Iterator[Instance]:
        """Read this process's part, in a worker the worker's part of it."""
        worker = torch.utils.data.get_worker_info()
        if worker is not None:
            # A worker has a copy of the reader to itself.
            self.reader._set_worker_info(WorkerInfo(worker.num_workers, worker.id))
            self.reader._set_distributed_info(self.distributed)
        return self.reader.read(self.data_path)


class InstanceChunks(IterableDataset[tuple[int, bytes]]):
    """Instances without indexers, in numbered chunks: torch alternates between the workers, so equal numbers meet.

    Pickled here, where an instance that cannot be pickled raises; torch's queue would print that and wait for ever.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for number, chunk in enumerate(groups_of(self._source.instances(), _CHUNK)):
            if number == 0:
                _check_no_indexers(chunk[0])
            with _travelling():
                pickled = pickle.dumps(chunk)
            yield number, pickled


class BatchStream(IterableDataset[TensorDict]):
    """Batches of tensors, made where they are read.

    Args:
        source: What is read.
        vocab: Indexes it.
        batching: Puts it together; has a limit of instances in memory.
        collate: Makes tensors of it.
    """

    def __init__(self, source: Source, vocab: Vocabulary, batching: Batching, collate: DataCollator) -> None:
        self._source = source
        self._vocab = vocab
        self._batching = batching
        self._collate = collate

    def __iter__(self) -> Iterator[TensorDict]:
        for instances in self._batching.of_stream(map(self._indexed, self._source.instances())):
            batch = self._collate(instances)
            if torch.utils.data.get_worker_info() is not None:
                with _travelling():
                    pickle.dumps([value for value in batch.values() if isinstance(value, list)])  # metadata, mostly
            yield batch

    def _indexed(self, instance: Instance) -> Instance:
        self._source.reader.apply_token_indexers(instance)
        instance.index_fields(self._vocab)
        return instance


class WorkerError(RuntimeError):
    """A reading process failed, with an error that cannot be handed over or with the given traceback."""


@dataclass(frozen=True)
class _Failure:
    """What a worker gives in place of the rest.

    Args:
        error: What it raised, if that can travel.
        traceback: Where.
    """

    error: Exception | None
    traceback: str

    def as_error(self) -> Exception:
        cause = WorkerError(f"a reading process failed:\n{self.traceback}")
        if self.error is None:
            return cause
        self.error.__cause__ = cause
        return self.error


class _Reported(IterableDataset[Any]):
    """What a data set gives, and at the end the error that it raised in a worker.

    Torch pickles errors on their way, where some are lost and the data with them, and wraps the others.
    """

    def __init__(self, dataset: IterableDataset[Any]) -> None:
        self._dataset = dataset

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._dataset
        except Exception as error:  # noqa: BLE001  (raised again by the process that asks)
            yield _Failure(_travelled(error), traceback.format_exc())


def read_in_workers(source: Source, num_workers: int, start_method: str) -> Iterator[Instance]:
    """Read with several processes; instances come in the order in which one process would read them.

    A reader that shares out what it then filters changes that order, but always in the same way.
    """
    chunks = through_torch(InstanceChunks(source), num_workers, start_method, pin_memory=False)
    for _, together in itertools.groupby(chunks, key=lambda numbered: numbered[0]):
        for one_of_each in itertools.zip_longest(*(pickle.loads(chunk) for _, chunk in together)):
            yield from (instance for instance in one_of_each if instance is not None)


def through_torch(
    dataset: Any, num_workers: int, start_method: str, *, pin_memory: bool, **options: Any
) -> Iterator[Any]:
    """Put instances, or a data set that makes its own batches, behind torch's data loader.

    Args:
        dataset: What to read.
        num_workers: Processes that read ahead of us; 0 reads in this one, when asked.
        start_method: How they start.
        pin_memory: Put tensors where a GPU fetches them while we go on.
        options: More of torch's.

    Raises:
        Exception: What a worker raised; a `WorkerError` where that cannot be handed over.
    """
    if num_workers > 0:
        options["multiprocessing_context"] = start_method
        dataset = _Reported(dataset)
    else:
        # Without workers nothing needs the seed that torch would draw, and the model's dropout would miss it.
        options["generator"] = torch.Generator()
    options.setdefault("batch_size", None)
    options.setdefault("collate_fn", _as_it_is)
    for item in torch.utils.data.DataLoader(dataset, num_workers=num_workers, pin_memory=pin_memory, **options):
        if isinstance(item, _Failure):
            raise item.as_error()
        yield item


def _as_it_is(item: Any) -> Any:
    return item


@contextmanager
def _travelling() -> Iterator[None]:
    try:
        yield
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ConfigurationError(
            f"num_workers: got an instance that cannot be sent from one process to another ({error}); expected "
            "metadata that can be pickled, or num_workers 0"
        ) from error


def _travelled(error: Exception) -> Exception | None:
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001  (whatever the error's class does when it is pickled)
        return None
    return copy if type(copy) is type(error) else None


def _check_no_indexers(instance: Instance) -> None:
    for name, field in instance.fields.items():
        if isinstance(field, TextField) and field._token_indexers is not None:
            raise ConfigurationError(
                f'num_workers: got a reader that gives the field "{name}" its token_indexers in text_to_instance, so '
                "that they would travel with every instance; expected the reader to set them in apply_token_indexers"
            )
