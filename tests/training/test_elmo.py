"""Trainings with ELMo, and their archives, which need neither of its files, nor what reads them."""

import json
import sys

import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.nn.elmo import batch_to_ids
from foldformer.training import load_archive
from foldformer.training.predictors import Predictor
from tests.record_allennlp.tiny_elmo import write_tiny_elmo


@pytest.fixture
def elmo_config(config, tmp_path):
    """The small experiment with a tiny ELMo, and ids of words, in place of the transformer."""
    (tmp_path / "elmo").mkdir()
    options_file, weight_file = write_tiny_elmo(tmp_path / "elmo")
    embedder = {"type": "elmo_token_embedder", "options_file": options_file, "weight_file": weight_file}
    reader = config["dataset_reader"]
    reader.update(tokenizer="whitespace", token_indexers={"tokens": "single_id", "elmo": {"type": "elmo_characters"}})
    embedders = {"tokens": {"type": "embedding", "embedding_dim": 2}, "elmo": embedder}
    config["model"]["text_field_embedder"]["token_embedders"] = embedders
    config["model"]["seq2vec_encoder"] = {"type": "boe", "embedding_dim": 8}
    config["trainer"]["num_epochs"] = 1
    return config


@pytest.mark.parametrize("words", [None, ["@@PADDING@@", "the", "fox"]])
def test_archive_is_loaded_without_files_and_h5py(words, elmo_config, tmp_path, train, monkeypatch):
    elmo_config["model"]["text_field_embedder"]["token_embedders"]["elmo"]["vocab_to_cache"] = words
    train(elmo_config, tmp_path / "out")
    ids, numbers = batch_to_ids([["the", "fox"]]), words and torch.tensor([[1, 2]])

    def vectors(archive):
        return archive.model._text_field_embedder.token_embedder_elmo(ids, numbers)

    expected = vectors(load_archive(tmp_path / "out" / "model.tar.gz"))
    for file in (tmp_path / "elmo").iterdir():
        file.unlink()
    monkeypatch.setitem(sys.modules, "h5py", None)
    archive = load_archive(tmp_path / "out" / "model.tar.gz")
    assert torch.equal(vectors(archive), expected)
    said = Predictor.from_archive(archive).predict_json({"sentence": "the fox"})
    assert said["label"] in ("pos", "neg")


def test_archive_without_a_copy_of_the_options_names_them(elmo_config, tmp_path, train):
    train(elmo_config, tmp_path / "out")
    folder = tmp_path / "out"
    names = json.loads((folder / "pretrained" / "names.json").read_text())
    assert list(names) == [str(tmp_path / "elmo" / "options.json")]
    (folder / "model.tar.gz").unlink()
    (folder / "pretrained" / "names.json").unlink()
    (tmp_path / "elmo" / "options.json").unlink()
    with pytest.raises(ConfigurationError, match=r"options_file: .*options\.json"):
        load_archive(folder)


def test_look_at_validation_data_before_training_leaves_no_trace_in_the_states(elmo_config, tmp_path, train):
    def first_loss(metric):
        elmo_config["trainer"]["validation_metric"] = metric
        return train(elmo_config, tmp_path / metric)["training_loss"]

    assert first_loss("+accuracy") == first_loss("-loss")  # nobody looks where the loss decides
