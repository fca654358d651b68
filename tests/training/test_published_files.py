"""The files of allennlp-models 2.10.1, value by value: they pass check, and train on data in the published formats.

Only the model's name, where the data lies, and what a tiny model on a processor needs are overridden.
"""

import hashlib
import json
import math
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from transformers import AutoModel
from typer.testing import CliRunner

from foldformer.commands import app
from foldformer.config import Experiment, Params, check
from foldformer.training import load_archive
from foldformer.training.experiment_checks import problems_of_experiment

FILES = Path(__file__).with_name("published")
FIXTURES = Path(__file__).parents[1] / "data" / "dataset_readers" / "fixtures"
TINY_WIDTH, TINY_LENGTH = 32, 90

EMBEDDER = "model.text_field_embedder.token_embedders.tokens."
INDEXER = "dataset_reader.token_indexers.tokens."
EMBEDDER_NAME, INDEXER_NAME = EMBEDDER + "model_name", INDEXER + "model_name"
TOKENIZER = "dataset_reader.tokenizer.model_name"
POOLER = "model.seq2vec_encoder.pretrained_model"
MODEL_LENGTH = EMBEDDER + "max_length"
LENGTHS = (MODEL_LENGTH, INDEXER + "max_length")
WIDTHS = ("model.seq2vec_encoder.embedding_dim", "model.feedforward.input_dim", "model.feedforward.hidden_dims")
# Two rounds, so that one begins with what the first one learned, and steps that float32 does not round away.
FOR_EVERY_TEST = {"trainer.num_epochs": 2, "trainer.optimizer.lr": 1e-3}


@dataclass(frozen=True)
class Published:
    """What a file needs: places of the model's name, width and length, and data by part."""

    names: tuple[str, ...]
    data: dict[str, str]
    metrics: tuple[str, ...] = ("accuracy",)
    widths: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()


PUBLISHED = {
    "boolq_roberta": Published(
        (EMBEDDER_NAME, INDEXER_NAME, TOKENIZER, POOLER),
        {"train": "boolq.jsonl", "validation": "boolq.jsonl", "test": "boolq_unlabelled.jsonl"},
        lengths=LENGTHS,
    ),
    "stanford_sentiment_treebank_roberta": Published(
        (EMBEDDER_NAME, INDEXER_NAME, TOKENIZER, POOLER, f"validation_{INDEXER_NAME}", f"validation_{TOKENIZER}"),
        {"train": "sst.txt", "validation": "sst.txt", "test": "sst.txt"},
    ),
    "snli_roberta": Published(
        (EMBEDDER_NAME, INDEXER_NAME, TOKENIZER),
        {"train": "snli.jsonl", "validation": "snli.jsonl", "test": "snli.jsonl"},
        widths=WIDTHS,
        lengths=LENGTHS,
    ),
    "mnli_roberta": Published(
        (EMBEDDER_NAME, INDEXER_NAME, TOKENIZER),
        {"train": "mnli.jsonl", "validation": "mnli.jsonl", "test": "mnli.jsonl"},
        widths=WIDTHS,
        lengths=LENGTHS,
    ),
    "superglue_rte_roberta": Published(
        (EMBEDDER_NAME, "dataset_reader.transformer_model_name"),
        {"train": "rte.jsonl", "validation": "rte.jsonl", "test": "rte_unlabelled.jsonl"},
        widths=WIDTHS,
        lengths=(MODEL_LENGTH,),
    ),
    "fgner_transformer": Published(
        (EMBEDDER_NAME, INDEXER_NAME),
        {"train": "ontonotes/train", "validation": "ontonotes/train"},
        metrics=("accuracy", "accuracy3", "f1-measure-overall"),
        widths=("model.encoder.input_dim",),
        lengths=LENGTHS,
    ),
}

# SHA-256 of the values of the files of that release, evaluated, as JSON with sorted keys; the first 16 digits.
DIGESTS = {
    "boolq_roberta": "5e5ac292d781d250",
    "stanford_sentiment_treebank_roberta": "0f19f94e91a6fa52",
    "snli_roberta": "452af33d3aa5ee74",
    "mnli_roberta": "00bd6957164a7b09",
    "superglue_rte_roberta": "6d6bf7022220bda5",
    "fgner_transformer": "6c40895ba706dbaa",
}


def variables(folder):
    return {"CONLL_TRAIN_DATA_PATH": str(folder / "train"), "CONLL_DEV_DATA_PATH": str(folder / "development")}


def lay_out(fixture, path):
    """Put a fixture where a file looks for it: a folder, a file, or a file in an archive."""
    archive, _, inside = path.partition("!")
    Path(archive).parent.mkdir(parents=True, exist_ok=True)
    if inside:
        with zipfile.ZipFile(archive, "a") as packed:
            packed.write(fixture, inside)
    elif fixture.is_dir():
        shutil.copytree(fixture, archive)
    else:
        shutil.copy(fixture, archive)


@pytest.fixture(params=PUBLISHED)
def name(request):
    return request.param


@pytest.fixture
def overrides(name, tiny_model, tmp_path):
    """The model's name and the paths of the data, which lies in local files of the published names."""
    wanted = PUBLISHED[name]
    paths = {}
    published = Params.from_file(FILES / f"{name}.jsonnet", ext_vars=variables(tmp_path)).as_dict(quiet=True)
    for part, fixture in wanted.data.items():
        archive, mark, inside = published[f"{part}_data_path"].partition("!")
        paths[f"{part}_data_path"] = f"{tmp_path / Path(archive).name}{mark}{inside}"
        lay_out(FIXTURES / fixture, paths[f"{part}_data_path"])
    return dict.fromkeys(wanted.names, tiny_model("roberta")) | paths


def read(name, folder, overrides=None):
    return Params.from_file(FILES / f"{name}.jsonnet", overrides or {}, variables(folder)).as_dict(quiet=True)


def test_values_are_those_of_the_release(name):
    values = read(name, Path())
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    assert digest.startswith(DIGESTS[name])


def test_published_file_passes_check(name, overrides, tmp_path):
    for data in (read(name, tmp_path), read(name, tmp_path, overrides)):
        assert check(Experiment, data) == []
        assert problems_of_experiment(data) == []
    arguments = ["--overrides", json.dumps(overrides), "--ext-vars", json.dumps(variables(tmp_path))]
    result = CliRunner().invoke(app, ["check", str(FILES / f"{name}.jsonnet"), *arguments])
    assert result.exit_code == 0, result.output
    assert "no errors" in result.output


def test_published_file_trains(name, overrides, tmp_path, tiny_model, train):
    wanted = PUBLISHED[name]
    tiny = dict.fromkeys(wanted.widths, TINY_WIDTH) | dict.fromkeys(wanted.lengths, TINY_LENGTH)
    config = read(name, tmp_path, overrides | tiny | FOR_EVERY_TEST)
    metrics = train(config, tmp_path / "out")
    assert metrics["epoch"] == 1
    for metric in ("loss", *wanted.metrics):
        assert math.isfinite(metrics[f"training_{metric}"])
        assert math.isfinite(metrics[f"best_validation_{metric}"])

    archive = load_archive(tmp_path / "out" / "model.tar.gz")
    assert untrained(archive.model, tiny_model("roberta")) == []
    instances = list(archive.validation_dataset_reader.read(config["validation_data_path"]))
    predictions = archive.model.forward_on_instances(instances)
    assert len(predictions) == len(instances) > 0
    right = [hit for each in zip(instances, predictions, strict=True) for hit in hits(*each)]
    assert sum(right) / len(right) == pytest.approx(metrics["best_validation_accuracy"])


def untrained(model, pretrained):
    """The weights of the transformer's layers that are still those with which training began."""
    after = {key.partition("encoder.")[2]: value for key, value in model.named_parameters() if ".encoder.layer." in key}
    before = AutoModel.from_pretrained(pretrained).encoder.state_dict()
    assert after.keys() == before.keys()
    # The softmax of attention takes out what a bias adds to all keys alike.
    return [key for key in before if torch.equal(before[key], after[key]) and not key.endswith("key.bias")]


def hits(instance, prediction):
    """For each label of an instance, whether it was predicted."""
    if "tags" in instance.fields:
        gold, predicted = instance["tags"].labels, prediction["tags"]
    else:
        gold, predicted = [str(instance["label"].label)], [prediction["label"]]
    return [one == other for one, other in zip(gold, predicted, strict=True)]
