"""Classifier and taggers against AllenNLP's, and what people get wrong with them."""

import json
from pathlib import Path

import pytest
import torch

from foldformer.config import ConfigurationError, Params
from foldformer.data import Instance, LabelField, SequenceLabelField, TextField, TokenIndexer
from foldformer.models import CrfTagger, Model
from foldformer.text import PretrainedTransformerTokenizer, Token, Vocabulary, WhitespaceTokenizer
from indexers import SingleIdTokenIndexer

RECORDS = json.loads(Path(__file__).with_name("recorded.json").read_text())["models"]
EMBEDDER = {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}}
CLASSIFIER = {
    "type": "basic_classifier",
    "text_field_embedder": EMBEDDER,
    "seq2vec_encoder": {"type": "mean", "embedding_dim": 4},
}
ENCODER = {"type": "pass_through", "input_dim": 4}
SIMPLE = {"type": "simple_tagger", "text_field_embedder": EMBEDDER, "encoder": ENCODER}
CRF = {**SIMPLE, "type": "crf_tagger"}
FEEDFORWARD = {"input_dim": 3, "num_layers": 1, "hidden_dims": 2, "activations": "relu"}
WORDS = ["the", "cat", "sat", "here"]
TAGS = ["O", "B-X", "I-X"]


def vocabulary(labels=("pos", "neg")):
    return Vocabulary(tokens_to_add={"tokens": WORDS, "labels": list(labels)})


def build(config, labels=TAGS):
    torch.manual_seed(0)
    return Model.from_params(Params(config), vocab=vocabulary(labels))


def as_tensors(value):
    return {key: as_tensors(item) for key, item in value.items()} if isinstance(value, dict) else torch.tensor(value)


def named(record):
    config = record["config"]
    return "-".join(
        [config["type"], *(str(config[key]) for key in ("label_encoding", "weight_strategy") if key in config)]
    )


def text(words):
    return TextField([Token(word) for word in words.split()], {"tokens": SingleIdTokenIndexer()})


def tagged(words, tags=None):
    fields = {"tokens": text(words)}
    if tags:
        fields["tags"] = SequenceLabelField(tags.split(), fields["tokens"])
    return Instance(fields)


@pytest.mark.parametrize("record", RECORDS, ids=named)
def test_model_gives_what_allennlp_gives(record, recorded):
    vocab = Vocabulary(tokens_to_add=record["vocabulary"])
    model = recorded.fill(Model.from_params(Params(record["config"]), vocab=vocab))
    recorded.check_state(model, record["state"])
    name = "label" if record["config"]["type"] == "basic_classifier" else "tags"
    gold = {name: torch.tensor(record["gold"])}
    if record["metadata"]:
        gold["metadata"] = record["metadata"]
    output = model(as_tensors(record["tensors"]), **gold)
    recorded.check_equal(output, record["output"])
    recorded.check_gradients(model, output["loss"], record["gradient_norms"])
    readable = model.make_output_human_readable(dict(output))
    recorded.check_equal({key: readable[key] for key in record["readable"]}, record["readable"])
    recorded.check_equal(model.get_metrics(reset=True), record["metrics"])


@pytest.mark.parametrize("config", [CLASSIFIER, SIMPLE, CRF], ids=lambda config: config["type"])
def test_without_labels_there_is_no_loss_and_no_metric_moves(config):
    model = build(config)
    output = model({"tokens": {"tokens": torch.tensor([[2, 3, 0]])}})
    assert "loss" not in output
    assert all(value == 0 for value in model.get_metrics().values())


@pytest.mark.parametrize(
    "config",
    [CLASSIFIER, {**SIMPLE, "label_encoding": "BIO"}, {**CRF, "label_encoding": "BIO"}],
    ids=lambda c: c["type"],
)
def test_model_learns_to_tell_two_words_apart(config, recorded):
    labels = ["pos", "neg", "none"] if config is CLASSIFIER else TAGS
    model = build(config, labels)
    tokens = {"tokens": {"tokens": torch.tensor([[2, 2, 3], [3, 3, 0]])}}
    gold = {"label": torch.tensor([0, 1])} if config is CLASSIFIER else {"tags": torch.tensor([[0, 0, 1], [1, 1, 0]])}
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(60):
        optimizer.zero_grad()
        model(tokens, **gold)["loss"].backward()
        optimizer.step()
    model.get_metrics(reset=True)
    model.eval()(tokens, **gold)
    assert model.get_metrics()["accuracy"] == 1.0


def test_readable_output_of_instances_has_labels_and_words():
    model = build(CLASSIFIER, ["pos", "neg"]).train()
    instances = [
        Instance({"tokens": text("the cat sat"), "label": LabelField("pos")}),
        Instance({"tokens": text("the dog"), "label": LabelField("neg")}),
    ]
    together = model.forward_on_instances(instances)
    assert model.training
    assert [len(each["probs"]) for each in together] == [2, 2]
    assert together[1]["tokens"] == ["the", "@@UNKNOWN@@", "@@PADDING@@"]
    assert together[0]["label"] == ["pos", "neg"][together[0]["probs"].argmax()]
    assert "loss" not in together[0]
    alone = model.forward_on_instance(Instance({"tokens": text("the dog")}))
    assert alone["logits"] == pytest.approx(together[1]["logits"], abs=1e-6)


def test_predictions_in_bfloat16_are_arrays_of_numpy():
    model = build(CLASSIFIER, ["pos", "neg"])
    instance = Instance({"tokens": text("the cat sat")})
    exact = model.forward_on_instance(instance)["logits"]
    rounded = model.to(torch.bfloat16).forward_on_instance(instance)["logits"]
    assert rounded.dtype == "float32"
    assert rounded == pytest.approx(exact, abs=0.02)
    assert rounded.tolist() != exact.tolist()


def test_predicting_switches_dropout_off():
    model = build({**CLASSIFIER, "dropout": 0.5}, ["pos", "neg"]).train()
    instance = Instance({"tokens": text("the cat sat")})
    predicted = [model.forward_on_instance(instance)["logits"].tolist() for _ in range(5)]
    assert all(each == predicted[0] for each in predicted)


def test_output_that_cannot_be_split_is_named_once_and_the_loss_never(caplog):
    model = build(CLASSIFIER, ["pos", "neg"])
    model.register_forward_hook(lambda model, inputs, output: {**output, "temperature": torch.tensor(1.0)})
    instances = [Instance({"tokens": text("the cat"), "label": LabelField("pos")}) for _ in range(2)]
    model.forward_on_instances(instances)
    model.forward_on_instances(instances)
    assert caplog.text.count("the output 'temperature'") == 1
    assert "loss" not in caplog.text


def test_readable_tokens_of_another_namespace_are_their_ids():
    model = build({**CLASSIFIER, "namespace": "wordpieces"}, ["pos", "neg"])
    assert model.forward_on_instance(Instance({"tokens": text("the cat")}))["tokens"] == ["2", "3"]


def test_empty_sentence_among_others_changes_nothing_for_them():
    for config in (CLASSIFIER, SIMPLE, CRF):
        model = build(config).eval()
        ids = torch.tensor([[2, 3], [0, 0], [4, 0]])
        output = model({"tokens": {"tokens": ids}})
        without = model({"tokens": {"tokens": ids[[0, 2]]}})
        assert torch.allclose(output["logits"][[0, 2]], without["logits"])
        assert output["logits"].isfinite().all()


def test_loss_leaves_out_o_tags_if_told():
    tokens, tags = {"tokens": {"tokens": torch.tensor([[2, 3], [3, 4]])}}, torch.tensor([[0, 1], [0, 0]])
    simple = build(SIMPLE).eval()
    logits = simple(tokens)["logits"]
    expected = torch.nn.functional.cross_entropy(logits[:1, 1], tags[:1, 1])
    assert torch.allclose(simple(tokens, tags, ignore_loss_on_o_tags=True)["loss"], expected)
    crf = build({**CRF, "ignore_loss_on_o_tags": True}).eval()
    loss = crf(tokens, tags)["loss"]
    assert torch.allclose(loss, -crf.crf(crf(tokens)["logits"], tags, tags != 0))
    assert not torch.allclose(loss, crf(tokens, tags, ignore_loss_on_o_tags=False)["loss"])
    assert crf(tokens, torch.zeros(2, 2, dtype=torch.long))["loss"].item() == 0.0


def test_constrained_tagger_never_gives_a_forbidden_sequence():
    free, constrained = build(CRF).eval(), build({**CRF, "label_encoding": "BIO"}).eval()
    constrained.load_state_dict({**free.state_dict(), "crf._constraint_mask": constrained.crf._constraint_mask})
    with torch.no_grad():
        for model in (free, constrained):
            model.tag_projection_layer._module.bias.copy_(torch.tensor([0.0, 0.0, 9.0]))
    sentence = tagged("the cat sat")
    assert free.forward_on_instance(sentence)["tags"][0] == "I-X"
    assert constrained.forward_on_instance(sentence)["tags"][0] == "B-X"


def test_regularizer_adds_a_penalty():
    config = {**CLASSIFIER, "regularizer": {"regexes": [["classification.*bias", {"type": "l1", "alpha": 2.0}]]}}
    model = build(config)
    bias = model._classification_layer.bias
    assert model.get_regularization_penalty().item() == pytest.approx(2 * bias.abs().sum().item())
    assert build(CLASSIFIER).get_regularization_penalty() is None


def test_embedders_grow_with_the_vocabulary(tmp_path):
    model = build(CLASSIFIER)
    model.vocab.add_tokens_to_namespace(["mat"], "tokens")
    (tmp_path / "vectors.txt").write_text("mat 1 2 3 4\n")
    path = "_text_field_embedder.token_embedder_tokens"
    with pytest.raises(ConfigurationError, match=f"got 'nowhere'; expected one of: {path}"):
        model.extend_embedder_vocab({"nowhere": "vectors.txt"})
    model.extend_embedder_vocab({path: str(tmp_path / "vectors.txt")})
    assert model.get_submodule(path).weight[-1].tolist() == [1, 2, 3, 4]


def test_weights_come_back_from_a_state_dict():
    first, second = build(CRF), build(CRF)
    torch.nn.init.normal_(second.crf.transitions)
    second.load_state_dict(first.state_dict())
    tokens = {"tokens": {"tokens": torch.tensor([[2, 3, 4]])}}
    tags = torch.tensor([[0, 1, 2]])
    assert torch.equal(first.eval()(tokens, tags)["loss"], second.eval()(tokens, tags)["loss"])


@pytest.mark.parametrize(
    ("config", "labels", "message"),
    [
        (CLASSIFIER, [], "label_namespace: the vocabulary has no labels in namespace 'labels'"),
        ({**SIMPLE, "label_namespace": "tag"}, TAGS, "no labels in namespace 'tag'; others: labels, tokens"),
        (
            {**CLASSIFIER, "seq2vec_encoder": {"type": "mean", "embedding_dim": 5}},
            TAGS,
            "seq2vec_encoder: takes vectors of 5; expected 4, the width that text_field_embedder gives",
        ),
        (
            {**CLASSIFIER, "seq2seq_encoder": {"type": "pass_through", "input_dim": 6}},
            TAGS,
            "seq2seq_encoder: takes vectors of 6; expected 4, the width that text_field_embedder gives",
        ),
        (
            {**CLASSIFIER, "seq2seq_encoder": {"type": "lstm", "input_size": 4, "hidden_size": 7}},
            TAGS,
            "seq2vec_encoder: takes vectors of 4; expected 7, the width that seq2seq_encoder gives",
        ),
        (
            {**CLASSIFIER, "feedforward": FEEDFORWARD},
            TAGS,
            "feedforward: takes vectors of 3; expected 4, the width that seq2vec_encoder gives",
        ),
        ({**SIMPLE, "encoder": {**ENCODER, "input_dim": 5}}, TAGS, "encoder: takes vectors of 5; expected 4"),
        ({**CRF, "encoder": {**ENCODER, "input_dim": 5}}, TAGS, "encoder: takes vectors of 5; expected 4"),
        ({**SIMPLE, "calculate_span_f1": True}, TAGS, "calculate_span_f1: got true without label_encoding"),
        (
            {**SIMPLE, "label_encoding": "IOB"},
            TAGS,
            'label_encoding: got "IOB"; expected "BIO", "IOB1", "BIOUL" or "BMES"',
        ),
        ({**SIMPLE, "label_encoding": "BIO"}, ["NOUN", "VERB"], "namespace 'labels' has the tag 'NOUN'"),
        ({**CRF, "constrain_crf_decoding": True}, TAGS, "constrain_crf_decoding: got true without"),
        ({**CRF, "weight_strategy": "emission"}, TAGS, "without label_weights"),
        ({**CRF, "label_weights": {"B-Y": 2.0}}, TAGS, 'got the tag "B-Y".*did you mean "B-X"'),
        (
            {**CRF, "feedforward": FEEDFORWARD},
            TAGS,
            "feedforward: takes vectors of 3; expected 4, the width that encoder gives",
        ),
        ({**CRF, "weight_strategy": "lanoy", "label_weights": {}}, TAGS, "lanoy"),
        ({**CRF, "vebose_metrics": True}, TAGS, "vebose_metrics.*verbose_metrics"),
    ],
)
def test_wrong_configuration_is_named(config, labels, message):
    with pytest.raises(ConfigurationError, match=message):
        build(config, labels)


def test_wrong_weight_strategy_is_named_when_built_by_hand():
    parts = build(CRF)
    with pytest.raises(ConfigurationError, match='weight_strategy: got "lanoy"; expected one of "emission"'):
        CrfTagger(vocabulary(TAGS), parts.text_field_embedder, parts.encoder, label_weights={}, weight_strategy="lanoy")


def test_tagger_tags_words_and_not_padding():
    model = build(SIMPLE)
    sentences = [tagged("the cat"), tagged("the cat sat here"), tagged("sat")]
    alone = [model.forward_on_instance(each)["tags"] for each in sentences]
    together = [output["tags"] for output in model.forward_on_instances(sentences)]
    assert [len(tags) for tags in together] == [2, 4, 1]
    assert together == alone


def test_tagger_whose_output_has_no_tags_may_predict(monkeypatch):
    model = build(SIMPLE)  # as one derived from it, which gives something else
    monkeypatch.setattr(model, "make_output_human_readable", lambda output: output)
    assert model.forward_on_instance(tagged("the cat"))["class_probabilities"].shape == (2, 3)


@pytest.mark.parametrize("max_length", [None, 5])
@pytest.mark.parametrize("kind", ["pretrained_transformer", "pretrained_transformer_mismatched"])
def test_classifier_names_wordpieces_in_the_namespace_of_their_indexer(tiny_model, kind, max_length):
    part = {"type": kind, "model_name": tiny_model("bert"), "max_length": max_length}
    indexer = TokenIndexer.from_params({**part, "namespace": "pieces"})
    config = {
        "type": "basic_classifier",
        "text_field_embedder": {"token_embedders": {"tokens": part}},
        "seq2vec_encoder": {"type": "cls_pooler", "embedding_dim": 32},
    }
    model = Model.from_params(Params(config), vocab=Vocabulary(tokens_to_add={"labels": ["pos", "neg"]}))
    tokenizer = PretrainedTransformerTokenizer(part["model_name"])
    texts = ["the quick fox", "a dog loves the fox and never stops"]
    cut = WhitespaceTokenizer() if "mismatched" in kind else tokenizer
    instances = [Instance({"tokens": TextField(cut.tokenize(each), {"tokens": indexer})}) for each in texts]
    found = [output["tokens"] for output in model.forward_on_instances(instances)]
    for each, names in zip(texts, found, strict=True):
        assert names[0] == "[CLS]"
        wordpieces = [name for name in names if name not in ("[CLS]", "[SEP]", "[PAD]")]
        assert wordpieces == tokenizer.tokenizer.tokenize(each)
