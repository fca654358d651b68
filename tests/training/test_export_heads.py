"""Exported classifiers and taggers, as the pipelines of transformers run them."""

import json

import pytest
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, pipeline
from typer.testing import CliRunner

from foldformer.commands import app
from foldformer.training import Predictor
from foldformer.training.archives.export import export_model

TEXTS = ["the fox", "a fine film never stops", "what a pity , dog"]


def classifier_of(config, head, **embedder):
    config["model"].pop("seq2vec_encoder")
    config["model"].pop("dropout")
    config["model"].update(head)
    config["model"]["text_field_embedder"]["token_embedders"]["tokens"].update(embedder)
    if "max_length" in embedder:
        config["dataset_reader"]["token_indexers"]["tokens"]["max_length"] = embedder["max_length"]
    config["trainer"]["num_epochs"] = 1
    return config


def pooler(name):
    return {"seq2vec_encoder": {"type": "bert_pooler", "pretrained_model": name}}


def dense(activation):
    layer = {"input_dim": 32, "num_layers": 1, "hidden_dims": 32, "activations": activation}
    return {"seq2vec_encoder": {"type": "cls_pooler", "embedding_dim": 32}, "feedforward": layer}


def renamed(config, old, new):
    return json.loads(json.dumps(config).replace(old, new))


def same_as_pipeline(run, folder):
    predictor = Predictor.from_path(str(run))
    classify = pipeline("text-classification", model=str(folder), top_k=None, device="cpu")
    for text in TEXTS:
        ours = predictor.predict_json({"sentence": text})
        theirs = {each["label"]: each["score"] for each in classify([text])[0]}
        names = predictor._model.vocab.get_index_to_token_vocabulary("labels")
        assert theirs == pytest.approx({names[i]: p for i, p in enumerate(ours["probs"])}, abs=1e-5)
        assert max(theirs, key=theirs.get) == ours["label"]


@pytest.mark.parametrize(("family", "head"), [("bert", pooler), ("roberta", "tanh"), ("distilbert", "relu")])
def test_pipeline_classifies_as_the_trained_model(config, tiny_model, train, tmp_path, family, head):
    name = tiny_model(family)
    config = renamed(config, tiny_model("bert"), name)
    train(classifier_of(config, head(name) if callable(head) else dense(head)), tmp_path / "run")
    _, said = export_model(tmp_path / "run" / "model.tar.gz", tmp_path / "hf")
    assert said.endswith("ForSequenceClassification")
    same_as_pipeline(tmp_path / "run", tmp_path / "hf")


def test_a_head_that_was_pretrained_goes_back(config, tiny_model, train, tmp_path):
    source, folder = tiny_model("bert"), str(tmp_path / "judge")
    labels = AutoConfig.from_pretrained(source, id2label={0: "neg", 1: "pos"}, label2id={"neg": 0, "pos": 1})
    AutoModelForSequenceClassification.from_config(labels).save_pretrained(folder)
    AutoTokenizer.from_pretrained(source).save_pretrained(folder)
    config = renamed(config, source, folder)
    train(classifier_of(config, {"pretrained_head": folder}, max_length=96), tmp_path / "run")
    _, said = export_model(tmp_path / "run" / "model.tar.gz", tmp_path / "hf")
    assert said == "a BertForSequenceClassification; it takes at most 96 wordpieces, as transformers folds nothing"
    same_as_pipeline(tmp_path / "run", tmp_path / "hf")


def tagging(config, tmp_path, **model):
    lines = ["the###O quick###O Ada###B-PER stops###O", "Ada###B-PER Lovelace###I-PER loves###O unfolded###O dogs###O"]
    (tmp_path / "tags.txt").write_text("\n".join(lines * 4) + "\n")
    tokens = config["model"]["text_field_embedder"]["token_embedders"]["tokens"]
    tokens = {**tokens, "type": "pretrained_transformer_mismatched"}
    config["dataset_reader"] = {"type": "sequence_tagging", "token_indexers": {"tokens": dict(tokens)}}
    config["train_data_path"] = config["validation_data_path"] = str(tmp_path / "tags.txt")
    encoder = {"type": "pass_through", "input_dim": 32}
    tokens["sub_token_mode"] = model.pop("sub_token_mode", "first")
    embedder = {"token_embedders": {"tokens": tokens}}
    config["model"] = {"type": "simple_tagger", "text_field_embedder": embedder, "encoder": encoder, **model}
    config["trainer"]["num_epochs"] = 1
    return config


def test_pipeline_tags_as_the_trained_model(config, train, tmp_path):
    train(tagging(config, tmp_path), tmp_path / "run")
    name, said = export_model(tmp_path / "run" / "model.tar.gz", tmp_path / "hf")
    assert said == "a BertForTokenClassification"
    assert name == "text_field_embedder.token_embedder_tokens._matched_embedder"
    tag = pipeline("token-classification", model=str(tmp_path / "hf"), ignore_labels=[], device="cpu")
    predictor = Predictor.from_path(str(tmp_path / "run"))
    for sentence in ("Ada loves unfolded dogs", "the quick fox stops"):
        ours = predictor.predict_json({"words": sentence.split()})
        theirs = [each for each in tag(sentence) if each["start"] == 0 or sentence[each["start"] - 1] == " "]
        assert [each["entity"] for each in theirs] == ours["tags"]
        best = [max(row) for row in ours["class_probabilities"]][: len(theirs)]
        assert [each["score"] for each in theirs] == pytest.approx(best, abs=1e-5)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"last_layer_only": False}, "the model mixes the layers"),
        ({"max_length": 12}, "texts are folded at 12 wordpieces"),
    ],
)
def test_embedder_is_exported_where_the_embedder_cannot_be_expressed(
    config, tiny_model, train, tmp_path, options, reason
):
    train(classifier_of(config, pooler(tiny_model("bert")), **options), tmp_path / "run")
    _, said = export_model(tmp_path / "run" / "model.tar.gz", tmp_path / "hf")
    assert said.startswith(f"the head stays behind: {reason}")
    assert json.loads((tmp_path / "hf" / "config.json").read_text())["architectures"] == ["BertModel"]
    assert not list((tmp_path / "hf").glob("*.py"))


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (dense("relu"), "a BertForSequenceClassification with these weights gives other numbers"),
        ({"seq2vec_encoder": {"type": "cls_pooler", "embedding_dim": 32}}, "the layers after the transformer are not"),
    ],
)
def test_embedder_is_exported_where_the_layers_above_it_are_others(config, train, tmp_path, head, reason):
    train(classifier_of(config, head), tmp_path / "run")
    _, said = export_model(tmp_path / "run" / "model.tar.gz", tmp_path / "hf")
    assert said.startswith(f"the head stays behind: {reason}")


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"type": "crf_tagger"}, "the tags are chosen by a CRF"), ({"sub_token_mode": "avg"}, 'sub_token_mode "avg"')],
)
def test_command_says_why_a_tagger_leaves_its_head(config, train, tmp_path, options, reason):
    train(tagging(config, tmp_path, **options), tmp_path / "run")
    result = CliRunner().invoke(app, ["export", str(tmp_path / "run" / "model.tar.gz"), str(tmp_path / "hf")])
    assert result.exit_code == 0, result.output
    assert "the head stays behind" in result.output
    assert reason in result.output
