"""A model of several tasks, from its file to its predictions."""

import json

import pytest
import torch

from foldformer.commands import predict
from foldformer.config import ConfigurationError, Params
from foldformer.data import Batch, DatasetReader
from foldformer.models import Backbone, Head, Model, MultiTaskModel
from foldformer.text import Vocabulary
from foldformer.training import Predictor, TrainModel, load_archive

TEXTS = {"mood": ["a good day", "a bad day", "good", "bad"], "topic": ["the bank", "a river"]}


@pytest.fixture
def experiment(tmp_path, tiny_model):
    bert = tiny_model("bert")
    for task, texts in TEXTS.items():
        lines = [json.dumps({"text": text, "label": f"{task}{number % 2}"}) for number, text in enumerate(texts)]
        (tmp_path / f"{task}.jsonl").write_text("\n".join(lines))
    reader = {
        "type": "text_classification_json",
        "tokenizer": {"type": "pretrained_transformer", "model_name": bert},
        "token_indexers": {"bert": {"type": "pretrained_transformer", "model_name": bert}},
    }
    head = {"type": "classifier", "seq2vec_encoder": {"type": "cls_pooler", "embedding_dim": 32}}
    readers = dict.fromkeys(TEXTS, reader)
    paths = {task: str(tmp_path / f"{task}.jsonl") for task in TEXTS}
    return {
        "dataset_reader": {"type": "multitask", "readers": readers},
        "train_data_path": paths,
        "validation_data_path": paths,
        "model": {
            "type": "multitask",
            "backbone": {"type": "pretrained_transformer", "model_name": bert},
            "heads": {task: {**head, "label_namespace": "labels"} for task in TEXTS},
            "arg_name_mapping": {"backbone": {"tokens": "text"}},
            "loss_weights": {"topic": 0.5},
        },
        "data_loader": {"type": "multitask", "scheduler": {"batch_size": 2}},
        "trainer": {"optimizer": "adam", "num_epochs": 2, "validation_metric": "+mood_accuracy"},
    }


def test_file_trains_and_its_archive_predicts(experiment, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(experiment))
    metrics = TrainModel.from_params(Params(experiment), serialization_dir=str(folder)).run()
    assert {"best_validation_mood_accuracy", "training_topic_accuracy", "best_validation_loss"} <= metrics.keys()
    predictor = Predictor.from_archive(load_archive(folder / "model.tar.gz"))
    inputs = [{"task": "topic", "sentence": "the bank"}, {"task": "mood", "sentence": "bad"}]
    outputs = predictor.predict_batch_json(inputs)
    assert [set(output) >= {f"{each['task']}_label", "tokens"} for output, each in zip(outputs, inputs, strict=True)]
    assert outputs[1]["mood_probs"] == pytest.approx(predictor.predict_json(inputs[1])["mood_probs"], abs=1e-6)
    assert "mood_label" not in outputs[0]
    with pytest.raises(ConfigurationError, match='task: got "mod"; expected "mood" or "topic"'):
        predictor.predict_json({"task": "mod", "sentence": "bad"})
    out, archive = tmp_path / "predicted.jsonl", str(folder / "model.tar.gz")
    data = experiment["train_data_path"]["mood"]
    predict.command(archive, data, output_file=out, use_dataset_reader=True, multitask_head="mood")
    assert [set(json.loads(line)) >= {"mood_label"} for line in out.read_text().splitlines()] == [True] * 4
    with pytest.raises(ConfigurationError, match='--multitask-head: got none; expected "mood" or "topic"'):
        predict.command(archive, data, output_file=out, use_dataset_reader=True)


class Doubled(Backbone):
    def forward(self, numbers):
        return {"doubled": 2 * numbers}


class Sum(Head):
    def __init__(self, vocab):
        super().__init__(vocab)
        self.weight = torch.nn.Parameter(torch.ones(3))

    def forward(self, doubled, extra):
        total = (doubled * self.weight).sum(dim=1) + extra["a"]["b"]
        return {"total": total, "loss": total.sum()}

    def get_metrics(self, reset=False):
        return {"sum": 1.0}


def test_heads_see_the_rows_of_their_task_and_losses_are_weighted():
    numbers, extra = torch.arange(12.0).view(4, 3), torch.tensor([100.0, 200.0, 300.0, 400.0])
    heads = {"one": Sum(Vocabulary()), "two": Sum(Vocabulary())}
    model = MultiTaskModel(Vocabulary(), Doubled(), heads, loss_weights={"two": 0.25})
    output = model(task=["one", "two", "one", "one"], numbers=numbers, extra={"a": {"b": extra}}, unused=1)
    assert output["one_total"].tolist() == [106.0, 342.0, 460.0]
    assert output["two_total"].tolist() == [224.0]
    assert output["loss"].item() == 106 + 342 + 460 + 0.25 * 224
    assert extra.tolist() == [100.0, 200.0, 300.0, 400.0]
    assert model.get_metrics(reset=True) == {"one_sum": 1.0, "two_sum": 1.0}
    assert model.get_metrics() == {}


def test_mapping_renames_what_a_part_takes():
    names = {"backbone": {"first": "numbers", "second": "numbers"}, "one": {"first": "extra"}}
    model = MultiTaskModel(Vocabulary(), Doubled(), {"one": Sum(Vocabulary())}, arg_name_mapping=names)
    with pytest.raises(ConfigurationError, match=r"arg_name_mapping.backbone: got two inputs called 'numbers'"):
        model(task=["one"], first=torch.ones(1, 3), second=torch.ones(1, 3))
    with pytest.raises(ConfigurationError, match="expected a field 'task'"):
        model(first=torch.ones(1, 3))


def test_readable_outputs_keep_heads_apart_whose_names_begin_alike(experiment):
    reader = DatasetReader.from_params(Params(experiment["dataset_reader"]))
    instances = list(reader.read(experiment["train_data_path"]))
    vocabulary = Vocabulary.from_instances(instances)
    head = experiment["model"]["heads"]["mood"]
    block = {**experiment["model"], "heads": {"mood": head, "mood_too": head, "topic": head}}
    model = Model.from_params(Params(block), vocab=vocabulary)
    outputs = model.forward_on_instances([instances[-1], instances[0]])
    assert outputs[0].keys() >= {"topic_label"}
    assert outputs[1].keys() >= {"mood_label"}
    batch = Batch(instances[:2])
    batch.index_instances(vocabulary)
    alone = model._heads["mood"]
    shared = model.eval()._backbone(batch.as_tensor_dict()["tokens"])
    expected = alone(shared["encoded_text"], shared["encoded_text_mask"])["probs"]
    assert torch.allclose(torch.tensor(outputs[1]["mood_probs"]), expected[0], atol=1e-6)


def test_instance_without_a_head_is_named(experiment):
    reader = DatasetReader.from_params(Params(experiment["dataset_reader"]["readers"]["mood"]))
    model = MultiTaskModel(Vocabulary(), Doubled(), {"one": Sum(Vocabulary())})
    with pytest.raises(ConfigurationError, match="task: got None; expected the name of a head: one"):
        model.forward_on_instances([reader.text_to_instance("a text")])
