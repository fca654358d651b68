"""What a training leaves in its folder."""

import json

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

from foldformer.data import Instance, TextField
from foldformer.models import Model
from foldformer.text import Token, Vocabulary
from foldformer.training import load_archive
from foldformer.training.archives.export import export_transformer
from foldformer.training.predictors import Predictor
from foldformer.training.report.confusion import count_confusion
from foldformer.training.report.page import scalar_mix_weights


@pytest.fixture
def trained(config, tmp_path, train):
    config["trainer"].update(num_epochs=2, enable_default_callbacks=True)
    tokens = config["model"]["text_field_embedder"]["token_embedders"]["tokens"]
    tokens["last_layer_only"] = False
    train(config, tmp_path / "run")
    return tmp_path / "run"


def test_folder_holds_metrics_curves_report_and_archive(trained):
    metrics = json.loads((trained / "metrics.json").read_text())
    epochs = [json.loads((trained / f"metrics_epoch_{number}.json").read_text()) for number in (0, 1)]
    assert metrics["epoch"] == 1
    assert metrics["best_validation_accuracy"] == max(each["validation_accuracy"] for each in epochs)
    assert epochs[metrics["best_epoch"]]["validation_loss"] == metrics["best_validation_loss"]
    assert metrics["peak_worker_0_memory_MB"] >= metrics["training_worker_0_memory_MB"]
    assert list((trained / "log" / "train").glob("events*"))
    assert list((trained / "log" / "validation").glob("events*"))
    page = (trained / "report.html").read_text()
    for title in ("loss", "accuracy", "layer weights", "confusion matrix"):
        assert title in page
    assert page.count("data:image/png;base64,") == 4
    assert "://" not in page


def test_model_is_not_asked_about_instances_without_labels():
    class TakesNothing(Model):
        def forward(self, **tensors):
            raise AssertionError("was asked")

    unlabelled = [Instance({"text": TextField([Token("a")])}), Instance({})]
    assert not count_confusion(TakesNothing(Vocabulary()), unlabelled).counts


def test_scalar_mix_weights_are_a_softmax_over_layers(trained):
    model = load_archive(trained).model
    mix = next(module for name, module in model.named_modules() if name.endswith("_scalar_mix"))
    with torch.no_grad():
        for number, parameter in enumerate(mix.scalar_parameters):
            parameter.fill_(float(number))
    (weights,) = scalar_mix_weights(model).values()
    assert weights == pytest.approx(torch.softmax(torch.arange(float(len(weights))), 0).tolist())


def test_archive_predicts_the_same_when_the_pretrained_model_is_gone(trained, config, tmp_path, monkeypatch):
    sentence = {"sentence": "the quick brown fox"}
    expected = Predictor.from_path(str(trained)).predict_json(sentence)
    archive = tmp_path / "model.tar.gz"
    (trained / "model.tar.gz").rename(archive)
    from foldformer.text import pretrained

    def refuse(source, *args, **kwargs):
        assert "foldformer-archive-" in str(source), f"{source} was asked for"
        return original(source, *args, **kwargs)

    original = pretrained._cached_tokenizer
    monkeypatch.setattr(pretrained, "_cached_tokenizer", refuse)
    monkeypatch.setattr(pretrained.AutoModel, "from_pretrained", None)
    predictor = Predictor.from_path(str(archive))
    for asked in (sentence, {"text": "the quick brown fox"}):
        outputs = predictor.predict_json(asked)
        assert outputs["logits"] == pytest.approx(expected["logits"])
        assert outputs["label"] == expected["label"]


def test_exported_folder_gives_the_hidden_states_of_the_trained_model(trained, tmp_path):
    name = export_transformer(trained / "model.tar.gz", tmp_path / "hf")
    transformer = AutoModel.from_pretrained(tmp_path / "hf")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "hf")
    state = {key.removeprefix(f"{name}.transformer_model."): tensor
             for key, tensor in load_file(trained / "best.safetensors").items()}  # fmt: skip
    for key, tensor in transformer.state_dict().items():
        if key in state:
            assert torch.equal(tensor, state[key]), key
    assert "embeddings.word_embeddings.weight" in state
    assert transformer(**tokenizer("the fox", return_tensors="pt")).last_hidden_state.shape[-1] == 32


def test_batches_of_predictions_equal_single_ones(trained):
    predictor = Predictor.from_path(str(trained))
    inputs = [{"sentence": text} for text in ("the fox", "a much longer sentence about dogs", ".")]
    together = predictor.predict_batch_json(inputs)
    for one, expected in zip(inputs, together, strict=True):
        assert predictor.predict_json(one)["probs"] == pytest.approx(expected["probs"], abs=1e-6)


def test_a_predictor_is_called_with_a_text_or_several(trained):
    predictor = Predictor.from_path(str(trained))
    texts = ["the fox", "a much longer sentence about dogs"]
    expected = predictor.predict_batch_json([{"sentence": text} for text in texts])
    called = predictor(texts)
    assert [each["label"] for each in called] == [each["label"] for each in expected]
    assert [each["score"] for each in called] == pytest.approx([max(each["probs"]) for each in expected])
    one = predictor(texts[1])
    assert (one["label"], one["score"]) == (called[1]["label"], pytest.approx(called[1]["score"], abs=1e-6))
    assert predictor({"text": texts[1]})["label"] == one["label"]
    assert predictor([]) == []
    assert "score" not in expected[0]  # AllenNLP's output stays as it is


def test_outputs_of_a_model_are_entries_and_attributes(trained):
    model = Predictor.from_path(str(trained))._model
    tokens = {"tokens": {"token_ids": torch.tensor([[2, 9, 3]]), "mask": torch.ones(1, 3, dtype=torch.bool)}}
    output = model(tokens, label=torch.tensor([1]))
    assert output.loss is output["loss"]
    assert output.logits is output["logits"]
    assert list(output) == ["logits", "probs", "token_ids", "loss"]
    with pytest.raises(AttributeError, match="lost: the model gave no such output; expected one of: logits, probs"):
        _ = output.lost
