"""A small experiment that trains in a second, and what runs it."""

import json
from pathlib import Path

import pytest

from foldformer.config import Experiment, Params
from foldformer.training.folder import prepare_folder

GOOD = ["a fine film", "the dog loves this", "words , never stops", "what a joy", "lovely and quick"]
BAD = ["an awful thing", "the fox hates this", "dull words , stops", "what a pity", "awful and lazy"]


@pytest.fixture
def data(tmp_path):
    """Two files of labelled texts: 26 to train, 7 to validate; neither is a multiple of the batch size."""
    folder = tmp_path / "data"
    folder.mkdir()
    pairs = [(good, bad, number) for number in range(3) for good, bad in zip(GOOD, BAD, strict=True)]
    rows = [
        {"text": f"{text} {number}", "label": label}
        for good, bad, number in pairs
        for text, label in ((good, "pos"), (bad, "neg"))
    ]
    write_lines(folder / "train.jsonl", rows[:26])
    write_lines(folder / "dev.jsonl", rows[3:10])
    return folder


def write_lines(file, rows):
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def config(tiny_model, data):
    """A classifier over the tiny bert, with dropout and shuffling, so that chance has a say in it."""
    name = tiny_model("bert")
    return {
        "dataset_reader": {
            "type": "text_classification_json",
            "tokenizer": {"type": "pretrained_transformer", "model_name": name},
            "token_indexers": {"tokens": {"type": "pretrained_transformer", "model_name": name}},
        },
        "train_data_path": str(data / "train.jsonl"),
        "validation_data_path": str(data / "dev.jsonl"),
        "model": {
            "type": "basic_classifier",
            "text_field_embedder": {
                "token_embedders": {"tokens": {"type": "pretrained_transformer", "model_name": name}}
            },
            "seq2vec_encoder": {"type": "cls_pooler", "embedding_dim": 32},
            "dropout": 0.1,
        },
        "data_loader": {"batch_size": 4, "shuffle": True},
        "trainer": {
            "optimizer": {"type": "huggingface_adamw", "lr": 2e-3},
            "num_epochs": 3,
            "cuda_device": -1,
            "validation_metric": "+accuracy",
            "enable_default_callbacks": False,
        },
    }


@pytest.fixture
def train():
    """Run an experiment in a folder, as the command does; gives its metrics."""

    def run(config, folder, *, recover=False, force=False):
        folder = Path(folder)
        params = Params(config)
        prepare_folder(folder, params, recover=recover, force=force)
        return Experiment.from_params(params, serialization_dir=str(folder)).run()

    return run


CHANGING = ("duration", "memory_MB")


@pytest.fixture
def comparable():
    """Metrics without those that no two runs share."""

    def chosen(metrics):
        return {name: value for name, value in metrics.items() if not name.endswith(CHANGING)}

    return chosen
