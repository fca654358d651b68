"""What the commands do with keys of AllenNLP 0.x and 1.x."""

import json
import logging

import pytest

EXPERIMENT = """
{
  dataset_reader: { type: "text_classification_json", tokenizer: "whitespace", token_indexers: { words: "single_id" } },
  train_data_path: "train.jsonl",
  validation_data_path: "train.jsonl",
  model: {
    type: "basic_classifier",
    text_field_embedder: { token_embedders: { words: { type: "embedding", embedding_dim: 8 } } },
    seq2vec_encoder: { type: "boe", embedding_dim: 8 },
  },
  iterator: { type: "basic", batch_size: 2 },
  trainer: { type: "default", optimizer: "adam", num_epochs: 1, num_serialized_models_to_keep: 1, cuda_device: -1 },
}
"""
OLD_KEYS = {"iterator", "trainer.type", "trainer.num_serialized_models_to_keep"}


@pytest.fixture
def old(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.jsonnet").write_text(EXPERIMENT)
    rows = [{"text": text, "label": label} for text, label in (("fine", "pos"), ("awful", "neg"))]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_check_warns_and_passes(old, run, caplog):
    with caplog.at_level(logging.WARNING):
        result = run("check", "old.jsonnet", "--format", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == []
    assert {record.getMessage().split(": ")[1] for record in caplog.records} == OLD_KEYS


def test_strict_check_refuses(old, run, caplog):
    result = run("check", "old.jsonnet", "--strict", "--format", "json")
    assert result.exit_code == 1
    assert {each["path"] for each in json.loads(result.stdout)} == OLD_KEYS
    assert caplog.records == []


def test_old_file_trains_and_the_folder_has_todays_keys(old, run):
    result = run("train", "old.jsonnet", "-s", "out")
    assert result.exit_code == 0, result.output
    config = json.loads((old / "out" / "config.json").read_text())
    assert config["data_loader"] == {"batch_size": 2, "shuffle": True}
    assert config["trainer"]["checkpointer"] == {"keep_most_recent_by_count": 1}
    assert len(list((old / "out").glob("*.ckpt"))) == 1
