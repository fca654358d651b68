"""Callbacks of AllenNLP 1 are called as they were, in a training."""

import json
import subprocess
import sys
from pathlib import Path

CALLBACKS = """
import json
from allennlp.training.trainer import BatchCallback, EpochCallback

def note(**what):
    with open("calls.jsonl", "a") as calls:
        calls.write(json.dumps(what) + "\\n")

@EpochCallback.register("note-epochs")
class NoteEpochs(EpochCallback):
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __call__(self, trainer, metrics, epoch, is_master):
        note(kind=self.prefix, epoch=epoch, is_master=is_master, has_loss="training_loss" in metrics)

@BatchCallback.register("note-batches")
class NoteBatches(BatchCallback):
    def __call__(
        self, trainer, batch_inputs, batch_outputs, batch_metrics, epoch, batch_number, is_training, is_master
    ):
        texts = [len(inputs["label"]) for inputs in batch_inputs]
        note(kind="batch", epoch=epoch, number=batch_number, is_training=is_training, texts=texts)
"""
EXPERIMENT = {
    "dataset_reader": {
        "type": "text_classification_json",
        "tokenizer": "whitespace",
        "token_indexers": {"words": "single_id"},
    },
    "train_data_path": "train.jsonl",
    "validation_data_path": "train.jsonl",
    "model": {
        "type": "basic_classifier",
        "text_field_embedder": {"token_embedders": {"words": {"type": "embedding", "embedding_dim": 4}}},
        "seq2vec_encoder": {"type": "boe", "embedding_dim": 4},
    },
    "data_loader": {"batch_size": 2},
    "trainer": {
        "optimizer": "adam",
        "num_epochs": 2,
        "cuda_device": -1,
        "epoch_callbacks": [{"type": "note-epochs", "prefix": "epoch"}],
        "batch_callbacks": ["note-batches"],
    },
}


def test_callbacks_of_a_project_are_called(tmp_path: Path) -> None:
    (tmp_path / "project.py").write_text(CALLBACKS)
    (tmp_path / "experiment.json").write_text(json.dumps(EXPERIMENT))
    rows = [{"text": text, "label": label} for text, label in [("fine", "pos"), ("awful", "neg"), ("dull", "neg")]]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = ["-m", "foldformer", "train", "experiment.json", "--include-package", "project", "-s", "out"]
    finished = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    calls = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert [call for call in calls if call["kind"] == "epoch"] == [
        {"kind": "epoch", "epoch": epoch, "is_master": True, "has_loss": epoch >= 0} for epoch in (-1, 0, 1)
    ]
    training = [call for call in calls if call["kind"] == "batch" and call["is_training"]]
    assert [(call["epoch"], call["texts"]) for call in training] == [(0, [2]), (0, [1]), (1, [2]), (1, [1])]
