"""Real processes that read and batch together."""

import random
from itertools import chain

import pytest
import torch.distributed as dist
import torch.multiprocessing as mp
from number_readers import NumberReader, UnequalReader

from foldformer.data.data_loaders import MultiProcessDataLoader
from foldformer.data.samplers import BucketBatchSampler, MaxTokensBatchSampler
from foldformer.text import Vocabulary

# Python 3.12 warns of every fork of a process with threads; torch has threads.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

BUCKET, TOKENS = {"batch_sampler": BucketBatchSampler(2)}, {"batch_sampler": MaxTokensBatchSampler(12)}
CASES = {
    "in order": (NumberReader(), 11, {"batch_size": 2}),
    "reader that leaves sharing out to its base": (NumberReader(False), 11, {"batch_size": 2}),
    "bucket": (NumberReader(), 11, BUCKET),
    "batches of different sizes": (NumberReader(), 40, TOKENS),
    "unequal shares": (UnequalReader(), 20, {"batch_size": 2}),
    "stream": (NumberReader(), 11, {"batch_size": 2, "max_instances_in_memory": 4}),
    "stream with workers": (NumberReader(), 22, {"batch_size": 2, "max_instances_in_memory": 4, "num_workers": 2}),
    "stream of different sizes": (NumberReader(), 22, {**TOKENS, "max_instances_in_memory": 10}),
    "stream of different sizes in epochs": (
        NumberReader(),
        22,
        {**TOKENS, "max_instances_in_memory": 10, "batches_per_epoch": 3},
    ),
}


def read(reader, number, options):
    """Make a loader: (lengths, batches of an epoch), or the error."""
    random.seed(0)
    try:
        loader = MultiProcessDataLoader(reader, str(number), quiet=True, **options)
        loader.index_with(Vocabulary())
        length = None if "max_instances_in_memory" in options else len(loader)
        return length, [batch["number"] for batch in loader]
    except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
        return repr(error)


def run(rank, world_size, store, results):
    read_before = MultiProcessDataLoader(NumberReader(), "11", batch_size=2, quiet=True)
    dist.init_process_group("gloo", f"file://{store}", rank=rank, world_size=world_size)
    for name, case in CASES.items():
        results.put((name, rank, read(*case)))
    read_before.index_with(Vocabulary())
    results.put(("read before", rank, (len(read_before), [batch["number"] for batch in read_before])))
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Case -> what the two processes got."""
    context = mp.get_context("fork")  # a spawned process would spend most of the test importing torch
    queue = context.Queue()
    store = tmp_path_factory.mktemp("store") / "store"
    processes = mp.start_processes(run, (2, store, queue), nprocs=2, join=False, start_method="fork")
    collected = [queue.get(timeout=60) for _ in range(2 * (len(CASES) + 1))]
    processes.join()
    return {
        name: [result for _, _, result in sorted(each for each in collected if each[0] == name)]
        for name, _, _ in collected
    }


@pytest.mark.parametrize("name", ["in order", "reader that leaves sharing out to its base", "read before"])
def test_processes_together_have_the_batches_of_one_with_twice_the_size(results, name):
    (length0, batches0), (length1, batches1) = results[name]
    assert length0 == length1 == len(batches0) == 3
    together = [sorted(a + b) for a, b in zip(batches0, batches1, strict=True)]
    assert together == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


@pytest.mark.parametrize("name", ["bucket", "batches of different sizes", "unequal shares"])
def test_all_processes_get_equally_many_batches_and_know_how_many(results, name):
    (length0, batches0), (length1, batches1) = results[name]
    assert length0 == length1 == len(batches0) == len(batches1) > 0
    assert not set(chain(*batches0)) & set(chain(*batches1))


def test_streams_are_equally_long(results):
    assert results["stream"] == [(None, [[0, 2], [4, 6], [8]]), (None, [[1, 3], [5, 7], [9]])]


def test_streams_of_workers_are_equally_long(results):
    (_, batches0), (_, batches1) = results["stream with workers"]
    assert sorted(chain(*batches0)) == list(range(0, 22, 2))
    assert sorted(chain(*batches1)) == list(range(1, 22, 2))
    assert len(batches0) == len(batches1)


def test_stream_of_unequal_batches_needs_a_number_of_batches(results):
    for result in results["stream of different sizes"]:
        assert "batches_per_epoch: got none; expected it in a distributed run" in result
    assert [len(batches) for _, batches in results["stream of different sizes in epochs"]] == [3, 3]
