"""What must not depend on chance, or on which of two readers an archive has."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from foldformer.commands import app
from foldformer.data.data_loaders import DataLoader
from foldformer.training import evaluate, load_archive
from foldformer.training.predictors import Predictor
from foldformer.training.state.random_state import random_state, set_random_state, set_seeds


def draw():
    return random.random(), float(np.random.rand()), float(torch.rand(()))


def test_each_generator_has_its_own_seed():
    set_seeds(1, 2, 3)
    first = draw()
    set_seeds(None, None, None)
    assert draw() != first
    for changed in range(3):
        seeds = [1, 2, 3]
        seeds[changed] = 9
        set_seeds(*seeds)
        assert [one == other for one, other in zip(draw(), first, strict=True)] == [n != changed for n in range(3)]


def test_state_of_the_generators_can_be_put_back():
    state = random_state()
    first = draw()
    assert draw() != first
    set_random_state(state)
    assert draw() == first


def test_looking_at_validation_data_before_training_changes_nothing(config, tmp_path, train):
    """A metric of the model is looked for in one batch; a loss is there anyway, and nothing is looked at."""
    config["trainer"]["num_epochs"] = 1
    config["validation_data_loader"] = {"batch_size": 4, "shuffle": True}
    losses = []
    for metric in ("+accuracy", "-loss"):
        config["trainer"]["validation_metric"] = metric
        metrics = train(config, tmp_path / metric)
        losses.append([metrics["training_loss"], metrics["training_accuracy"], metrics["validation_accuracy"]])
    assert losses[0] == losses[1]


@pytest.fixture
def trained(config, tmp_path, train):
    config["trainer"]["num_epochs"] = 1
    config.update(random_seed=3, numpy_seed=4, pytorch_seed=5)
    config["dataset_reader"]["max_sequence_length"] = 3
    config["validation_dataset_reader"] = {**config["dataset_reader"], "max_sequence_length": None}
    train(config, tmp_path / "run")
    return tmp_path / "run"


def test_evaluation_takes_the_seeds_of_the_archive(trained, config, tmp_path):
    """The data come shuffled; the mean of the batches' losses depends on which texts are in the last, smaller one."""
    found = []
    for seed in (0, 1):
        set_seeds(seed, seed, seed)
        file = tmp_path / f"{seed}.json"
        arguments = ["evaluate", str(trained), config["validation_data_path"], "--output-file", str(file)]
        assert CliRunner().invoke(app, arguments).exit_code == 0
        found.append(json.loads(file.read_text())["loss"])
    archive = load_archive(trained)
    losses = []
    for seed in (3, 6):
        set_seeds(seed, 4, 5)
        loader = DataLoader.from_params(
            config["data_loader"], reader=archive.validation_dataset_reader, data_path=config["validation_data_path"]
        )
        loader.index_with(archive.model.vocab)
        losses.append(evaluate(archive.model, loader)["loss"])
    assert losses[0] != losses[1]
    assert found == pytest.approx([losses[0]] * 2)


def test_evaluation_of_files_of_one_name_keeps_the_metrics_of_each(trained, config, tmp_path):
    other = tmp_path / "other" / "dev.jsonl"
    other.parent.mkdir()
    other.write_text(Path(config["train_data_path"]).read_text())
    data = f"{config['validation_data_path']},{other}"
    arguments = ["evaluate", str(trained), data, "--output-file", str(tmp_path / "m.json")]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    metrics = json.loads((tmp_path / "m.json").read_text())
    assert {"data_dev_accuracy", "other_dev_accuracy"} <= metrics.keys()
    assert metrics["data_dev_loss"] != metrics["other_dev_loss"]


@pytest.mark.parametrize(("which", "num_wordpieces"), [(None, 13), ("validation", 13), ("train", 3)])
def test_predictor_has_the_reader_that_is_asked_for(trained, which, num_wordpieces):
    asked = {} if which is None else {"dataset_reader_to_load": which}
    predictor = Predictor.from_archive(load_archive(trained), **asked)
    outputs = predictor.predict_json({"sentence": "a fine dog loves"})
    assert len(outputs["token_ids"]) == num_wordpieces


def test_model_of_an_archive_gains_the_words_of_new_data(config, tmp_path, train):
    config["dataset_reader"] = {"type": "text_classification_json", "tokenizer": "whitespace"}
    config["model"] = {
        "type": "basic_classifier",
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
        "seq2vec_encoder": {"type": "mean", "embedding_dim": 4},
    }
    config["trainer"].update(num_epochs=1, optimizer={"type": "sgd", "lr": 0.0})
    train(config, tmp_path / "first")
    with Path(config["train_data_path"]).open("a") as file:
        file.write('{"text": "seventeen zebras", "label": "pos"}\n')
    train({**config, "model": {"type": "from_archive", "archive_file": str(tmp_path / "first")}}, tmp_path / "second")
    key = "_text_field_embedder.token_embedder_tokens.weight"
    old, new = (load_file(tmp_path / name / "best.safetensors")[key] for name in ("first", "second"))
    assert len(new) == len(old) + 2
    assert torch.equal(new[: len(old)], old)
    words = (tmp_path / "second" / "vocabulary" / "tokens.txt").read_text().splitlines()
    assert set(words[-2:]) == {"seventeen", "zebras"}
