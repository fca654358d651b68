import random
from itertools import chain, islice

import pytest
import torch
from number_readers import FailingReader, LambdaReader, LocalErrorReader, NumberReader, NumberReaderWithIndexers

from foldformer.config import ConfigurationError
from foldformer.data import Batch, DataLoader
from foldformer.data.data_loaders import MultiProcessDataLoader
from foldformer.data.data_loaders.data_collator import DataCollator
from foldformer.data.data_loaders.streaming import Source, WorkerError, read_in_workers
from foldformer.data.dataset_readers import DistributedInfo
from foldformer.data.samplers import BucketBatchSampler, MaxTokensBatchSampler
from foldformer.text import Vocabulary
from foldformer.text.archives import FileContentError

# Python 3.12 warns of every fork of a process with threads; torch has threads.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

VOCAB = Vocabulary(counter={"tokens": {str(number): 1 for number in range(100)}})


def make(reader, number=10, **options):
    loader = MultiProcessDataLoader(reader, str(number), quiet=True, **options)
    loader.index_with(VOCAB)
    return loader


def numbers(loader):
    return [batch["number"] for batch in loader]


def test_is_the_default_of_data_loaders():
    loader = DataLoader.from_params({"batch_size": 4}, reader=NumberReader(), data_path="10")
    assert isinstance(loader, MultiProcessDataLoader)


MODES = [
    {},
    {"num_workers": 2},
    {"max_instances_in_memory": 4},
    {"max_instances_in_memory": 4, "num_workers": 1},
]


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_batches_hold_the_tensors_of_their_instances(mode):
    instances = list(NumberReader().read("10"))
    batches = list(make(NumberReader(), batch_size=4, **mode))
    assert [batch["number"] for batch in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    for batch, start in zip(batches, (0, 4, 8), strict=True):
        expected = Batch(instances[start : start + 4])
        expected.index_instances(VOCAB)
        assert torch.equal(batch["tokens"]["tokens"]["tokens"], expected.as_tensor_dict()["tokens"]["tokens"]["tokens"])


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_every_epoch_has_all_instances(mode):
    loader = make(NumberReader(), 11, batch_size=4, **mode)
    for _ in range(3):
        assert sorted(chain(*numbers(loader))) == list(range(11))


@pytest.mark.parametrize("number", [1, 70, 129])
def test_workers_read_in_the_order_of_one_process(number):
    loader = make(NumberReader(), number, batch_size=200, num_workers=2)
    assert numbers(loader) == [list(range(number))]


def test_workers_may_start_from_nothing():
    loader = make(NumberReader(), 5, batch_size=2, num_workers=1, max_instances_in_memory=4, start_method="spawn")
    assert numbers(loader) == [[0, 1], [2, 3], [4]]


def test_workers_of_a_stream_share_the_data():
    loader = make(NumberReader(), 11, batch_size=3, num_workers=2, max_instances_in_memory=3)
    batches = numbers(loader)
    assert sorted(chain(*batches)) == list(range(11))
    assert [0, 2, 4] in batches
    assert [1, 3, 5] in batches


def test_reader_that_does_not_share_out_is_shared_out():
    loader = make(NumberReader(sharding_by_itself=False), 11, batch_size=3, num_workers=2)
    assert numbers(loader) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10]]


def test_workers_are_told_which_process_they_read_for():
    source = Source(NumberReader(), "10", DistributedInfo(world_size=2, global_rank=1))
    assert [each["number"].metadata for each in read_in_workers(source, 2, "fork")] == [1, 3, 5, 7, 9]


def test_limit_of_instances_counts_over_all_workers():
    loader = make(NumberReader(max_instances=5), 50, batch_size=100, num_workers=2)
    assert numbers(loader) == [[0, 1, 2, 3, 4]]


def test_all_instances_are_read_once():
    reader = NumberReader()
    loader = make(reader, batch_size=4)
    assert len(list(loader.iter_instances())) == 10
    list(loader)
    list(loader)
    assert reader.times_read == 1


def test_stream_holds_no_more_than_it_may():
    reader = NumberReader()
    loader = make(reader, 1000, batch_size=4, max_instances_in_memory=20, shuffle=True)
    for number, _ in enumerate(islice(loader, 30), start=1):
        assert reader.instances_read - 4 * number <= 20 + 4  # the pool, and what came for the next batch
    sampled = NumberReader()
    list(islice(make(sampled, 1000, batch_sampler=BucketBatchSampler(4), max_instances_in_memory=20), 6))
    assert sampled.instances_read == 40


@pytest.mark.parametrize("mode", [{}, {"max_instances_in_memory": 8}], ids=str)
def test_shuffled_epochs_differ_and_the_seed_decides(mode):
    def two_epochs(seed):
        random.seed(seed)
        loader = make(NumberReader(), 40, batch_size=4, shuffle=True, **mode)
        return [numbers(loader), numbers(loader)]

    first, second = two_epochs(3)
    assert [first, second] == two_epochs(3)
    assert first != second
    assert first != two_epochs(4)[0]


def test_shuffling_workers_differ_from_epoch_to_epoch_and_torchs_seed_decides():
    def two_epochs(seed):
        torch.manual_seed(seed)
        loader = make(NumberReader(), 40, batch_size=4, shuffle=True, num_workers=2, max_instances_in_memory=8)
        return [numbers(loader), numbers(loader)]

    first, second = two_epochs(3)
    assert [first, second] == two_epochs(3)
    assert first != second


def test_iterating_leaves_torchs_random_numbers_alone():
    loader = make(NumberReader(), batch_size=4, shuffle=True)
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    list(loader)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("mode", [{}, {"max_instances_in_memory": 4}], ids=str)
def test_epochs_of_a_given_length_go_on_where_the_last_one_ended(mode):
    loader = make(NumberReader(), 5, batch_size=2, batches_per_epoch=2, **mode)
    assert len(loader) == 2
    assert [numbers(loader) for _ in range(3)] == [[[0, 1], [2, 3]], [[4], [0, 1]], [[2, 3], [4]]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"batch_size": 4}, 3),
        ({"batch_size": 4, "drop_last": True}, 2),
        ({"batch_size": 4, "batches_per_epoch": 9}, 9),
        ({"batch_sampler": BucketBatchSampler(3)}, 4),
        ({"batch_sampler": MaxTokensBatchSampler(14, padding_noise=0.0)}, 4),
    ],
    ids=["plain", "drop_last", "batches_per_epoch", "bucket", "max_tokens"],
)
def test_length_is_the_number_of_batches(options, expected):
    loader = make(NumberReader(), 10, **options)
    assert len(loader) == len(list(loader)) == expected


def test_stream_has_no_length():
    with pytest.raises(TypeError, match="max_instances_in_memory is set without batches_per_epoch"):
        len(make(NumberReader(), batch_size=2, max_instances_in_memory=4))


def test_stream_gives_its_instances_for_a_vocabulary():
    reader = NumberReader()
    loader = MultiProcessDataLoader(reader, "10", batch_size=2, max_instances_in_memory=4, num_workers=1)
    vocab = Vocabulary.from_instances(loader.iter_instances())
    assert vocab.get_vocab_size("tokens") == 12


def test_batches_need_a_vocabulary():
    loader = MultiProcessDataLoader(NumberReader(), "10", batch_size=2)
    with pytest.raises(ValueError, match="got no vocabulary; expected index_with"):
        iter(loader)


def test_collator_makes_the_batches():
    class Sizes(DataCollator):
        def __call__(self, instances):
            return {"size": len(instances)}

    assert [batch["size"] for batch in make(NumberReader(), batch_size=4, collate_fn=Sizes())] == [4, 4, 2]


def test_batches_come_to_the_target_device():
    loader = make(NumberReader(), batch_size=4, cuda_device="meta")
    assert next(iter(loader))["tokens"]["tokens"]["tokens"].device.type == "meta"
    loader.set_target_device(torch.device("cpu"))
    assert next(iter(loader))["tokens"]["tokens"]["tokens"].device.type == "cpu"


def test_no_device_is_asked_for_by_minus_one():
    assert make(NumberReader(), batch_size=4, cuda_device=-1).cuda_device is None


WITH_WORKERS = [{"num_workers": 1}, {"num_workers": 2, "max_instances_in_memory": 4}]


@pytest.mark.parametrize("mode", WITH_WORKERS, ids=str)
def test_error_of_a_worker_is_raised_as_it_is(mode):
    with pytest.raises(ValueError, match=r"^data\.txt:5: got nonsense$") as error:
        list(make(FailingReader(), batch_size=2, **mode))
    assert "text_to_instance" in str(error.value.__cause__)


@pytest.mark.parametrize("mode", WITH_WORKERS, ids=str)
def test_error_of_a_worker_that_cannot_be_sent_is_not_lost(mode):
    with pytest.raises(WorkerError, match=r"data\.txt:70: got nonsense"):
        list(make(LocalErrorReader(), 100, batch_size=2, **mode))


@pytest.mark.parametrize("mode", WITH_WORKERS, ids=str)
def test_instance_that_cannot_be_sent_is_an_error(mode):
    with pytest.raises(ConfigurationError, match=r"cannot be sent from one process to another .*lambda"):
        list(make(LambdaReader(), 100, batch_size=2, **mode))


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_empty_data_is_an_error(mode):
    with pytest.raises(FileContentError, match=r"0: got no (instances|batches); expected at least one"):
        list(make(NumberReader(), 0, batch_size=4, **mode))


def test_fewer_instances_than_workers_are_no_error():
    assert numbers(make(NumberReader(), 1, batch_size=4, num_workers=2, max_instances_in_memory=4)) == [[0]]


def test_batches_that_are_all_dropped_are_an_error():
    with pytest.raises(FileContentError, match="than one batch with drop_last"):
        list(make(NumberReader(), 3, batch_size=4, drop_last=True))


def test_indexers_that_would_travel_are_refused():
    with pytest.raises(ConfigurationError, match='the field "tokens" its token_indexers in text_to_instance'):
        make(NumberReaderWithIndexers(), batch_size=2, num_workers=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "batch_size: got none; expected a batch_size, or a batch_sampler"),
        ({"batch_size": 0}, "batch_size: got 0; expected at least 1"),
        ({"batch_size": 2, "num_workers": -1}, "num_workers: got -1"),
        ({"batch_size": 2, "batches_per_epoch": 0}, "batches_per_epoch: got 0"),
        (
            {"batch_size": 5, "max_instances_in_memory": 4},
            "max_instances_in_memory: got 4; expected at least a batch, 5",
        ),
        ({"batch_sampler": BucketBatchSampler(5), "max_instances_in_memory": 4}, "got 4; expected at least a batch, 5"),
        ({"batch_sampler": MaxTokensBatchSampler(5), "max_instances_in_memory": 0}, "got 0; expected at least a batch"),
        ({"batch_sampler": BucketBatchSampler(5), "batch_size": 2}, "batch_size: got 2 beside a batch_sampler"),
        ({"batch_sampler": BucketBatchSampler(5), "shuffle": True}, "shuffle: got true beside a batch_sampler"),
        ({"batch_sampler": BucketBatchSampler(5), "drop_last": True}, "drop_last: got true beside a batch_sampler"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ConfigurationError, match=message):
        make(NumberReader(), **options)
