"""Several tasks: who reads what, how much of each, in which order."""

import json

import pytest

from foldformer.config import ConfigurationError, Params
from foldformer.data import DataLoader, DatasetReader, MultiTaskDataLoader, MultiTaskDatasetReader
from foldformer.data.multitask import HomogeneousRoundRobinScheduler, MultiTaskEpochSampler, RoundRobinScheduler
from foldformer.text import Vocabulary

SIZES = {"mood": 5, "topic": 2}


@pytest.fixture
def data(tmp_path):
    for task, size in SIZES.items():
        lines = [json.dumps({"text": f"{task} {number}", "label": str(number % 2)}) for number in range(size)]
        (tmp_path / f"{task}.jsonl").write_text("\n".join(lines))
    return {task: str(tmp_path / f"{task}.jsonl") for task in SIZES}


@pytest.fixture
def reader():
    return DatasetReader.from_params(
        Params({"type": "multitask", "readers": {task: {"type": "text_classification_json"} for task in SIZES}})
    )


def make_loader(reader, data, **block):
    block = {"type": "multitask", "scheduler": {"batch_size": 2}, **block}
    loader = DataLoader.from_params(Params(block), reader=reader, data_path=data)
    loader.index_with(Vocabulary.from_instances(loader.iter_instances()))
    return loader


def tasks(loader):
    return [batch["task"] for batch in loader]


def test_readers_mark_their_task(reader, data):
    assert isinstance(reader, MultiTaskDatasetReader)
    marked = [instance["task"].metadata for instance in reader.read(data)]
    assert marked == ["mood"] * 5 + ["topic"] * 2
    assert reader.readers["topic"].text_to_instance("a text")["task"].metadata == "topic"
    assert next(reader.read(data["mood"], force_task="mood"))["task"].metadata == "mood"


def test_batches_of_one_task_each_come_in_turn(reader, data):
    loader = make_loader(reader, data)
    assert isinstance(loader, MultiTaskDataLoader)
    assert tasks(loader) == [["mood"] * 2, ["topic"] * 2, ["mood"] * 2, ["mood"]]
    assert len(loader) == 4
    loader = make_loader(reader, data, scheduler={"batch_size": {"mood": 3, "topic": 1}, "drop_last": True})
    assert tasks(loader) == [["mood"] * 3, ["topic"], ["topic"]]
    assert len(loader) == 3


def test_one_instance_of_each_task_in_turn(reader, data):
    loader = make_loader(reader, data, scheduler={"type": "roundrobin", "batch_size": 3})
    assert tasks(loader) == [["mood", "topic", "mood"], ["topic", "mood", "mood"], ["mood"]]
    assert len(loader) == 3
    loader = make_loader(reader, data, scheduler={"type": "roundrobin", "batch_size": 3, "drop_last": True})
    assert len(loader) == len(tasks(loader)) == 2


@pytest.mark.parametrize(
    ("sampler", "shares"),
    [
        ("uniform", {"mood": 3, "topic": 3}),
        ("proportional", {"mood": 5, "topic": 2}),
        ({"type": "weighted", "weights": {"mood": 1, "topic": 5}}, {"mood": 1, "topic": 5}),
    ],
)
def test_epochs_of_a_length_give_each_task_its_share(reader, data, sampler, shares):
    loader = make_loader(reader, data, sampler=sampler, instances_per_epoch=7 if sampler == "proportional" else 6)
    for _ in range(2):
        seen = [task for batch in tasks(loader) for task in batch]
        assert {task: seen.count(task) for task in SIZES} == shares
    assert len(loader) == len(tasks(loader))


def test_epochs_of_a_length_go_on_where_the_last_one_ended(reader, data):
    loader = make_loader(reader, data, sampler="proportional", instances_per_epoch=4, shuffle=False)
    words = loader._loaders["mood"]._vocab
    seen = [
        words.get_token_from_index(int(batch["tokens"]["tokens"]["tokens"][row, 1]), "tokens")
        for _ in range(5)
        for batch in loader
        for row in range(len(batch["task"]))
        if batch["task"][0] == "mood"
    ]
    assert seen == ["0", "1", "2", "3", "4"] * 2


@pytest.mark.parametrize("streamed", [{}, {"max_instances_in_memory": {"mood": 3}}])
def test_every_instance_comes_once_an_epoch_and_in_another_order(reader, data, streamed):
    loader = make_loader(reader, data, scheduler={"batch_size": 1}, **streamed)
    epochs = [[(b["task"][0], b["tokens"]["tokens"]["tokens"].tolist()) for b in loader] for _ in range(6)]
    assert all(sorted(map(str, epoch)) == sorted(map(str, epochs[0])) for epoch in epochs)
    assert len({str(epoch) for epoch in epochs}) > 1


def test_own_schedulers_and_samplers_need_only_their_own_part():
    assert HomogeneousRoundRobinScheduler(2).update_from_epoch_metrics({}) is None
    assert RoundRobinScheduler(4).count_batches({"a": 3, "b": 2}) == 2
    assert MultiTaskEpochSampler.by_name("uniform")().get_task_proportions({"a": None, "b": None}) == {
        "a": 0.5,
        "b": 0.5,
    }


def test_errors_name_what_is_wrong(reader, data):
    with pytest.raises(ConfigurationError, match="got mood; expected a path for each task of the reader: mood, topic"):
        make_loader(reader, {"mood": data["mood"]})
    with pytest.raises(ConfigurationError, match="sampler: got none with instances_per_epoch 4"):
        make_loader(reader, data, instances_per_epoch=4)
    with pytest.raises(ConfigurationError, match=r"sampler\.weights: got none for topic"):
        len(make_loader(reader, data, instances_per_epoch=4, sampler={"type": "weighted", "weights": {"mood": 1}}))
    block = {"instances_per_epoch": 4, "sampler": "proportional", "max_instances_in_memory": {"mood": 2}}
    loader = make_loader(reader, data, **block)
    with pytest.raises(ConfigurationError, match="which needs to know the number of instances"):
        len(loader)
