import random
from collections import Counter

import pytest

from foldformer.config import ConfigurationError
from foldformer.data import Instance, LabelField, MetadataField, TextField
from foldformer.data.samplers import (
    BatchSampler,
    BucketBatchSampler,
    MaxTokensBatchSampler,
    RandomBatchSampler,
    SequentialBatchSampler,
    WeightedRandomBatchSampler,
    groups_of,
)
from foldformer.text import Token


def instance(length, label="a", **lengths):
    texts = {name: TextField([Token("a")] * each) for name, each in {"tokens": length, **lengths}.items()}
    return Instance({**texts, "label": LabelField(label), "metadata": MetadataField({str(i): i for i in range(99)})})


def instances(*lengths):
    return [instance(length) for length in lengths]


def lengths_in(batches, data):
    return [[len(data[index]["tokens"]) for index in batch] for batch in batches]


MANY = instances(*(7 * i % 31 + 1 for i in range(50)))


def test_every_sampler_is_registered():
    names = {"bucket", "max_tokens_sampler", "random", "sequential", "weighted_random"}
    assert set(BatchSampler.list_available()) >= names


@pytest.mark.parametrize(
    "sampler",
    [
        SequentialBatchSampler(7),
        RandomBatchSampler(7),
        BucketBatchSampler(7),
        BucketBatchSampler(7, shuffle=False),
        MaxTokensBatchSampler(90),
    ],
)
def test_every_instance_comes_once_an_epoch(sampler):
    batches = list(sampler.get_batch_indices(MANY))
    assert sorted(index for batch in batches for index in batch) == list(range(50))
    assert sampler.get_num_batches(MANY) > 0


@pytest.mark.parametrize("make", [SequentialBatchSampler, RandomBatchSampler, BucketBatchSampler])
@pytest.mark.parametrize(
    ("number", "drop_last", "sizes"), [(9, False, [1, 4, 4]), (9, True, [4, 4]), (8, True, [4, 4])]
)
def test_batches_have_the_size_but_for_the_last(make, number, drop_last, sizes):
    sampler = make(4, drop_last=drop_last)
    data = MANY[:number]
    assert sorted(map(len, sampler.get_batch_indices(data))) == sizes
    assert sampler.get_num_batches(data) == len(sizes)
    assert sampler.get_batch_size() == 4


@pytest.mark.parametrize("sampler", [RandomBatchSampler(3), BucketBatchSampler(3), MaxTokensBatchSampler(40)])
def test_seed_decides_and_epochs_differ(sampler):
    def two_epochs(seed):
        random.seed(seed)
        return [list(sampler.get_batch_indices(MANY)) for _ in range(2)]

    first, second = two_epochs(5)
    assert [first, second] == two_epochs(5)
    assert first != second
    assert first != two_epochs(6)[0]


def test_sequential_batches_are_in_order():
    assert list(SequentialBatchSampler(3).get_batch_indices(MANY[:7])) == [[0, 1, 2], [3, 4, 5], [6]]


def test_bucket_puts_like_lengths_together():
    data = instances(9, 1, 5, 2, 10, 6)
    batches = BucketBatchSampler(2, shuffle=False).get_batch_indices(data)
    assert lengths_in(batches, data) == [[1, 2], [5, 6], [9, 10]]


def test_bucket_sorts_by_the_first_key_then_the_next():
    data = [instance(2, other=1), instance(1, other=3), instance(1, other=2), instance(2, other=0)]
    by_tokens = BucketBatchSampler(4, sorting_keys=["tokens", "other"], shuffle=False)
    by_other = BucketBatchSampler(4, sorting_keys=["other"], shuffle=False)
    assert list(by_tokens.get_batch_indices(data)) == [[2, 1, 3, 0]]
    assert list(by_other.get_batch_indices(data)) == [[3, 0, 2, 1]]


def test_bucket_finds_the_longest_field_and_no_metadata():
    sampler = BucketBatchSampler(2)
    list(sampler.get_batch_indices([instance(2, other=9), instance(3, other=1)]))
    assert sampler.sorting_keys == ["other"]


def test_noise_mixes_neighbours_only():
    data = instances(*range(100, 200))
    random.seed(1)
    batches = lengths_in(BucketBatchSampler(10, padding_noise=0.05).get_batch_indices(data), data)
    assert sorted(map(sorted, batches)) != [list(range(i, i + 10)) for i in range(100, 200, 10)]
    assert max(max(batch) - min(batch) for batch in batches) < 40


def test_max_tokens_bounds_every_padded_batch():
    random.seed(1)
    batches = lengths_in(MaxTokensBatchSampler(90, padding_noise=0.2).get_batch_indices(MANY), MANY)
    assert max(max(batch) * len(batch) for batch in batches) <= 90
    assert max(map(len, batches)) > 10


def test_max_tokens_fills_batches_as_far_as_it_goes():
    data = instances(2, 3, 3, 5, 9)
    random.seed(1)
    batches = MaxTokensBatchSampler(10, padding_noise=0.0).get_batch_indices(data)
    assert sorted(lengths_in(batches, data)) == [[2, 3, 3], [5], [9]]


def test_instance_beyond_max_tokens_stands_alone_with_a_warning(caplog):
    data = instances(50, 1, 1)
    batches = MaxTokensBatchSampler(10).get_batch_indices(data)
    assert sorted(lengths_in(batches, data)) == [[1, 1], [50]]
    assert "an instance of 50 tokens is longer than max_tokens, 10" in caplog.text


def test_counting_max_tokens_batches_changes_none():
    sampler = MaxTokensBatchSampler(60, padding_noise=0.5)
    for seed in range(5):
        random.seed(seed)
        number = sampler.get_num_batches(MANY)
        batches = list(sampler.get_batch_indices(MANY))
        random.seed(seed)
        assert number == len(batches)
        assert batches == list(sampler.get_batch_indices(MANY))


def test_weighted_random_draws_rare_labels_as_often():
    data = [instance(1, "rare" if i % 10 == 0 else "common") for i in range(2000)]
    random.seed(0)
    batches = list(WeightedRandomBatchSampler(8).get_batch_indices(data))
    drawn = Counter(data[index]["label"].label for batch in batches for index in batch)
    assert sum(drawn.values()) == 2000
    assert 850 < drawn["rare"] < 1150  # 1000 expected, standard deviation 22


def test_weighted_random_takes_weights():
    data = [instance(1, label) for label in "abc" * 300]
    random.seed(0)
    batches = WeightedRandomBatchSampler(8, {"a": 3, "b": 1, "c": 0}).get_batch_indices(data)
    drawn = Counter(data[index]["label"].label for batch in batches for index in batch)
    assert set(drawn) == {"a", "b"}
    assert 2.3 < drawn["a"] / drawn["b"] < 3.9


def test_groups_of_cuts_any_iterable():
    assert list(groups_of(iter(range(5)), 2)) == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SequentialBatchSampler(0), "batch_size: got 0"),
        (lambda: BucketBatchSampler(-1), "batch_size: got -1"),
        (lambda: MaxTokensBatchSampler(0), "max_tokens: got 0"),
        (lambda: WeightedRandomBatchSampler(1, {"a": -1}), "weights: got a: -1"),
    ],
)
def test_option_out_of_range_is_refused(make, message):
    with pytest.raises(ConfigurationError, match=message):
        make()


@pytest.mark.parametrize(
    ("sampler", "message"),
    [
        (BucketBatchSampler(2, sorting_keys=["token"]), r'sorting_keys: got "token".*did you mean "tokens"'),
        (WeightedRandomBatchSampler(2, label_field="labl"), r'label_field: got "labl".*did you mean "label"'),
        (WeightedRandomBatchSampler(2, {"b": 1}), 'weights: got none for "a"'),
    ],
)
def test_unknown_field_or_label_is_named(sampler, message):
    with pytest.raises(ConfigurationError, match=message):
        list(sampler.get_batch_indices(MANY))


def test_instances_without_lengths_need_sorting_keys():
    with pytest.raises(ConfigurationError, match="sorting_keys: got none"):
        list(BucketBatchSampler(2).get_batch_indices([Instance({"label": LabelField("a")})]))
