"""A classifier that AllenNLP trained, built from its own configuration and weights, predicts what AllenNLP recorded."""

import json
import tarfile

import pytest
import torch

from foldformer.config import Params
from foldformer.data import Instance, LabelField, TextField, TokenIndexer
from foldformer.models import Model
from foldformer.text import Tokenizer, Vocabulary


@pytest.fixture
def archive(shared_folder, tmp_path, monkeypatch):
    kit = shared_folder / "parity"
    monkeypatch.chdir(kit)  # the configuration names its model relative to this folder
    with tarfile.open(kit / "archives" / "bert_classifier" / "model.tar.gz") as packed:
        for member in packed:
            if member.isfile():
                target = tmp_path / member.name
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(packed.extractfile(member).read())
    return tmp_path


def read_lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_trained_classifier_predicts_what_allennlp_recorded(archive, shared_folder):
    config = json.loads((archive / "config.json").read_text())
    model = Model.from_params(Params(config["model"]), vocab=Vocabulary.from_files(archive / "vocabulary"))
    weights = torch.load(archive / "weights.th", weights_only=True)
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not missing
    assert all(name.endswith("position_ids") for name in unexpected)
    reader = config["dataset_reader"]
    tokenizer = Tokenizer.from_params(Params(reader["tokenizer"]))
    indexers = {name: TokenIndexer.from_params(Params(block)) for name, block in reader["token_indexers"].items()}
    recorded = shared_folder / "parity" / "archives" / "bert_classifier"
    for line, expected in zip(
        read_lines(recorded / "dev.jsonl"), read_lines(recorded / "predictions_dev.jsonl"), strict=True
    ):
        fields = {"tokens": TextField(tokenizer.tokenize(line["text"]), indexers), "label": LabelField(line["label"])}
        output = model.forward_on_instance(Instance(fields))
        assert output["logits"].tolist() == pytest.approx(expected["logits"], abs=1e-5)
        assert output["probs"].tolist() == pytest.approx(expected["probs"], abs=1e-5)
        assert output["label"] == expected["label"]
        # recorded in one batch, so with padding
        assert output["tokens"] == expected["tokens"][: len(output["tokens"])]
    assert model.get_metrics()["accuracy"] == json.loads((recorded / "evaluate_dev.json").read_text())["accuracy"]
