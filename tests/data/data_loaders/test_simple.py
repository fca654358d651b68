import random
from itertools import chain

import pytest
import torch
from number_readers import NumberReader

from foldformer.config import ConfigurationError
from foldformer.data import DataLoader
from foldformer.data.data_loaders import SimpleDataLoader
from foldformer.data.devices import move_to_device
from foldformer.text import Vocabulary


def numbers(loader):
    return [batch["number"] for batch in loader]


def test_reads_with_a_reader():
    loader = DataLoader.from_params({"type": "simple", "batch_size": 2}, reader=NumberReader(), data_path="5")
    assert isinstance(loader, SimpleDataLoader)
    loader.index_with(Vocabulary.from_instances(loader.iter_instances()))
    assert numbers(loader) == [[0, 1], [2, 3], [4]]
    assert len(loader) == 3


def test_shuffles_anew_every_epoch():
    loader = SimpleDataLoader(list(NumberReader().read("20")), 3, shuffle=True, vocab=Vocabulary())
    random.seed(0)
    first, second = numbers(loader), numbers(loader)
    assert first != second
    assert sorted(chain(*first)) == sorted(chain(*second)) == list(range(20))


def test_epochs_have_the_length_asked_for():
    loader = SimpleDataLoader(list(NumberReader().read("3")), 2, batches_per_epoch=3, vocab=Vocabulary())
    assert [numbers(loader), numbers(loader)] == [[[0, 1], [2], [0, 1]], [[2], [0, 1], [2]]]
    assert len(loader) == 3


def test_puts_batches_onto_a_device():
    loader = SimpleDataLoader(list(NumberReader().read("3")), 2, vocab=Vocabulary())
    loader.set_target_device(torch.device("meta"))
    assert next(iter(loader))["tokens"]["tokens"]["tokens"].device.type == "meta"


def test_moving_a_batch_leaves_other_things_alone():
    batch = {"a": [torch.zeros(1), "x"], "b": (torch.ones(1), 2), "c": {"d": torch.ones(1)}}
    moved = move_to_device(batch, torch.device("meta"))
    assert moved["a"][0].is_meta
    assert moved["b"][0].is_meta
    assert moved["c"]["d"].is_meta
    assert (moved["a"][1], moved["b"][1]) == ("x", 2)
    assert not batch["a"][0].is_meta


def test_batches_need_a_vocabulary():
    with pytest.raises(ValueError, match="SimpleDataLoader: got no vocabulary"):
        iter(SimpleDataLoader(list(NumberReader().read("3")), 2))


@pytest.mark.parametrize(
    ("instances", "options", "message"),
    [
        ([], {}, "instances: got none"),
        (None, {"batches_per_epoch": 0}, "batches_per_epoch: got 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(instances, options, message):
    with pytest.raises(ConfigurationError, match=message):
        SimpleDataLoader(list(NumberReader().read("3")) if instances is None else instances, 2, **options)
