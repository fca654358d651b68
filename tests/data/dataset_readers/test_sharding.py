"""Shards of processes and workers together hold the data, once, and in equal parts where that matters."""

from collections import Counter
from itertools import chain, product

import pytest

from foldformer.config import ConfigurationError
from foldformer.data import Instance, MetadataField
from foldformer.data.dataset_readers import DatasetReader, DistributedInfo, TextClassificationJsonReader, WorkerInfo


class NumberReader(DatasetReader):
    """Reads as many numbers as its path says."""

    def __init__(self, by_itself, **kwargs):
        super().__init__(manual_distributed_sharding=by_itself, manual_multiprocess_sharding=by_itself, **kwargs)
        self.by_itself = by_itself
        self.applied = 0

    def _read(self, file_path):
        numbers = range(int(file_path))
        for number in self.shard_iterable(numbers) if self.by_itself else numbers:
            yield Instance({"number": MetadataField(number)})

    def apply_token_indexers(self, instance):
        self.applied += 1


def read_shard(number, by_itself=False, process=None, worker=None, **kwargs):
    reader = NumberReader(by_itself, **kwargs)
    reader._set_distributed_info(None if process is None else DistributedInfo(*process))
    reader._set_worker_info(None if worker is None else WorkerInfo(*worker))
    return [instance["number"].metadata for instance in reader.read(str(number))]


@pytest.mark.parametrize("by_itself", [False, True])
@pytest.mark.parametrize("number", [1, 7, 12])
@pytest.mark.parametrize("num_workers", [1, 3])
def test_workers_share_everything(by_itself, number, num_workers):
    shards = [read_shard(number, by_itself, worker=(num_workers, id)) for id in range(num_workers)]
    assert sorted(chain(*shards)) == list(range(number))
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


@pytest.mark.parametrize("by_itself", [False, True])
@pytest.mark.parametrize("number", [7, 12, 13])
@pytest.mark.parametrize("num_processes", [2, 3])
@pytest.mark.parametrize("num_workers", [None, 2])
@pytest.mark.parametrize("limit", [None, 5, 100])
def test_processes_read_equally_many_of_the_first_instances(by_itself, number, num_processes, num_workers, limit):
    shards = []
    for rank in range(num_processes):
        workers = [None] if num_workers is None else [(num_workers, id) for id in range(num_workers)]
        parts = [
            read_shard(number, by_itself, (num_processes, rank), worker, max_instances=limit) for worker in workers
        ]
        shards.append(sorted(chain(*parts)))
    whole_rounds = min(number, limit or number) // num_processes
    assert shards == [list(range(rank, whole_rounds * num_processes, num_processes)) for rank in range(num_processes)]


@pytest.mark.parametrize(("by_itself", "limit"), list(product([False, True], [0, 1, 5, 6])))
def test_limit_counts_over_all_workers(by_itself, limit):
    shards = [read_shard(20, by_itself, worker=(3, id), max_instances=limit) for id in range(3)]
    assert Counter(chain(*shards)) == Counter(range(limit))


def test_without_processes_and_workers_all_is_read():
    assert read_shard(5, by_itself=True) == [0, 1, 2, 3, 4]
    assert read_shard(5, max_instances=3) == [0, 1, 2]


def test_indexers_are_applied_in_the_main_process_only():
    alone, worker = NumberReader(False), NumberReader(False)
    worker._set_worker_info(WorkerInfo(1, 0))
    assert len(list(alone.read("3"))) == len(list(worker.read("3"))) == 3
    assert (alone.applied, worker.applied) == (3, 0)


def test_empty_shard_is_no_error():
    assert read_shard(1, worker=(2, 1)) == []


def test_sharding_without_saying_so_is_refused():
    reader = NumberReader(False)
    with pytest.raises(ConfigurationError, match=r"NumberReader\.shard_iterable.*manual_distributed_sharding=True"):
        list(reader.shard_iterable([1, 2]))


def test_worker_that_makes_everything_says_so(caplog):
    read_shard(2, worker=(2, 0))
    assert "NumberReader does not shard by itself" in caplog.text


def test_lines_are_shared_before_they_are_parsed(write):
    path = write("train.jsonl", '{"text": "a"}\nbroken\n{"text": "b"}\nbroken\n')
    reader = TextClassificationJsonReader()
    reader._set_worker_info(WorkerInfo(2, 0))
    assert len(list(reader.read(path))) == 2
