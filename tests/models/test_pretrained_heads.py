"""Models that start from the trained head of a transformer, against transformers itself."""

import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from foldformer.config import ConfigurationError, Params, check
from foldformer.data import Batch, DatasetReader
from foldformer.models import Model
from foldformer.text import Token, Vocabulary

LABELS = ["bad", "fair", "good"]
TAGS = ["O", "B-PER", "I-PER"]
TEXTS = ["The quick brown fox", "a river has a bank as well", "never"]


@pytest.fixture
def with_head(tiny_model, tmp_path):
    """Save a tiny model of a family with a random head, and its tokenizer."""

    def save(family, auto_model=AutoModelForSequenceClassification, names=LABELS, **options):
        source = tiny_model(family)
        id2label = dict(enumerate(names))
        config = AutoConfig.from_pretrained(
            source, id2label=id2label, label2id={name: i for i, name in id2label.items()}, **options
        )
        torch.manual_seed(7)
        model = auto_model.from_config(config)
        for parameter in model.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
        folder = str(tmp_path / f"{family}-{auto_model.__name__}")
        model.save_pretrained(folder)
        AutoTokenizer.from_pretrained(source).save_pretrained(folder)
        return folder

    return save


def classifier(folder, vocab, **options):
    embedder = {"token_embedders": {"tokens": {"type": "pretrained_transformer", "model_name": folder}}}
    block = {"type": "basic_classifier", "text_field_embedder": embedder, "pretrained_head": folder, **options}
    return Model.from_params(Params(block), vocab=vocab)


def tagger(folder, vocab, kind="simple_tagger", **options):
    tokens = {"type": "pretrained_transformer_mismatched", "model_name": folder, "sub_token_mode": "first"}
    block = {"type": kind, "text_field_embedder": {"token_embedders": {"tokens": tokens}}, "pretrained_head": folder}
    return Model.from_params(Params({**block, **options}), vocab=vocab)


def batch_of(folder, texts, vocab):
    options = {"type": "pretrained_transformer", "model_name": folder}
    reader = DatasetReader.from_params(
        Params({"type": "text_classification_json", "tokenizer": options, "token_indexers": {"tokens": options}})
    )
    return indexed(reader, texts, vocab)


def indexed(reader, inputs, vocab):
    instances = [reader.text_to_instance(each) for each in inputs]
    for instance in instances:
        reader.apply_token_indexers(instance)
    batch = Batch(instances)
    batch.index_instances(vocab)
    return batch.as_tensor_dict()


def sentences_of(folder, sentences, vocab):
    indexer = {"type": "pretrained_transformer_mismatched", "model_name": folder}
    reader = DatasetReader.from_params(Params({"type": "sequence_tagging", "token_indexers": {"tokens": indexer}}))
    return indexed(reader, [[Token(word) for word in sentence] for sentence in sentences], vocab)


def alone(folder, auto_model, texts, **options):
    """Run a whole model of transformers on each text by itself."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), auto_model.from_pretrained(folder).eval()
    with torch.no_grad():
        return [model(**tokenizer(text, return_tensors="pt", **options)).logits[0] for text in texts]


FAMILIES = ["bert", "roberta", "distilbert", "electra", "albert", "deberta-v2", "modernbert", "gpt2", "llama"]


@pytest.mark.parametrize("family", FAMILIES)
def test_classifier_gives_the_logits_of_transformers(with_head, family):
    folder = with_head(family)
    vocab = Vocabulary()
    model = classifier(folder, vocab).eval()
    assert vocab.get_token_to_index_vocabulary("labels") == {"bad": 0, "fair": 1, "good": 2}
    with torch.no_grad():
        logits = model(**batch_of(folder, TEXTS, vocab)).logits
    torch.testing.assert_close(
        logits, torch.stack(alone(folder, AutoModelForSequenceClassification, TEXTS)), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("family", ["bert", "distilbert", "electra", "modernbert"])
def test_tagger_gives_the_logits_of_transformers_at_first_wordpieces(with_head, family):
    folder = with_head(family, AutoModelForTokenClassification, TAGS)
    vocab = Vocabulary()
    model = tagger(folder, vocab).eval()
    sentences = [text.split() for text in TEXTS]
    with torch.no_grad():
        output = model(**sentences_of(folder, sentences, vocab))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    expected = alone(folder, AutoModelForTokenClassification, sentences, is_split_into_words=True)
    for words, row, logits in zip(sentences, expected, output.logits, strict=True):
        ids = tokenizer(words, is_split_into_words=True).word_ids()
        firsts = [ids.index(number) for number in range(len(words))]
        torch.testing.assert_close(logits[: len(words)], row[firsts], atol=1e-5, rtol=0)


def test_logits_stand_in_the_order_of_the_vocabulary(with_head):
    folder = with_head("bert")
    vocab = Vocabulary(tokens_to_add={"labels": ["good"]})
    model = classifier(folder, vocab).eval()
    assert vocab.get_token_to_index_vocabulary("labels") == {"good": 0, "bad": 1, "fair": 2}
    batch = batch_of(folder, TEXTS, vocab)
    with torch.no_grad():
        logits = model(**batch).logits
    expected = torch.stack(alone(folder, AutoModelForSequenceClassification, TEXTS))[:, [2, 0, 1]]
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=0)


def test_head_and_embedder_train(with_head):
    folder = with_head("bert")
    vocab = Vocabulary()
    model = classifier(folder, vocab).train()
    model(**batch_of(folder, TEXTS, vocab), label=torch.tensor([0, 1, 2])).loss.backward()
    head = dict(model._head.named_parameters())
    assert set(head) == {"model.bert.pooler.dense.weight", "model.bert.pooler.dense.bias",
                         "model.classifier.weight", "model.classifier.bias"}  # fmt: skip
    assert all(parameter.grad.abs().sum() > 0 for parameter in head.values())


def test_crf_tagger_scores_by_the_head(with_head):
    folder = with_head("bert", AutoModelForTokenClassification, TAGS)
    vocab = Vocabulary()
    sentences = [text.split() for text in TEXTS]
    expected = tagger(folder, vocab).eval()
    model = tagger(folder, vocab, "crf_tagger", label_encoding="BIO").eval()
    batch = sentences_of(folder, sentences, vocab)
    with torch.no_grad():
        torch.testing.assert_close(model(**batch).logits, expected(**batch).logits)
    assert len(model.crf._constraint_mask) == len(TAGS) + 2


def test_longer_text_than_the_positions_is_classified_by_its_first_segment_and_the_same_head(with_head):
    folder = with_head("bert")
    vocab = Vocabulary()
    tokens = {"type": "pretrained_transformer", "model_name": folder, "max_length": 96}
    options = {"text_field_embedder": {"token_embedders": {"tokens": tokens}}}
    model = classifier(folder, vocab, **options).eval()
    reader = {"type": "text_classification_json", "tokenizer": {**tokens, "max_length": None}}
    reader = DatasetReader.from_params(Params({**reader, "token_indexers": {"tokens": tokens}}))
    text = "a quick fox jumps over " * 40
    with torch.no_grad():
        [logits] = model(**indexed(reader, [text], vocab)).logits
    ids = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt").input_ids
    segment = torch.cat([ids[:, :95], ids[:, -1:]], dim=1)
    expected = AutoModelForSequenceClassification.from_pretrained(folder).eval()(segment).logits[0]
    torch.testing.assert_close(logits, expected.detach(), atol=1e-5, rtol=0)


def test_folder_without_a_head_is_refused(tiny_model, with_head):
    with pytest.raises(ConfigurationError, match=r"saved as BertModel; expected a model .*ForSequenceClassification"):
        classifier(tiny_model("bert"), Vocabulary())
    tagging = with_head("bert", AutoModelForTokenClassification, TAGS)
    with pytest.raises(ConfigurationError, match="saved as BertForTokenClassification; expected"):
        classifier(tagging, Vocabulary())


def test_head_that_does_not_know_a_label_is_refused(with_head):
    vocab = Vocabulary(tokens_to_add={"labels": ["good", "badd"]})
    with pytest.raises(ConfigurationError, match=r'"bad", "fair" and "good".*"badd" too.*did you mean "bad"') as caught:
        classifier(with_head("bert"), vocab)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("family", "options", "message"),
    [
        ("bert", {"problem_type": "multi_label_classification"}, "got multi_label_classification"),
        ("bert", {"names": ["score"]}, "got a head with 1 label"),
        ("bart", {}, "BartForSequenceClassification, whose head needs more than the last layer"),
    ],
)
def test_head_of_another_kind_is_refused(with_head, family, options, message):
    with pytest.raises(ConfigurationError, match=message):
        classifier(with_head(family, **options), Vocabulary())


def test_head_of_another_width_is_refused(with_head, tiny_model):
    folder = with_head("bert")
    embedder = {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 5}}}
    with pytest.raises(ConfigurationError, match="pretrained_head: takes vectors of 32; expected 5"):
        classifier(folder, Vocabulary(), text_field_embedder=embedder)


def test_check_finds_a_head_beside_an_encoder_and_a_model_with_neither():
    embedder = {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}}
    vector = {"type": "mean", "embedding_dim": 4}
    both = {"type": "basic_classifier", "text_field_embedder": embedder, "seq2vec_encoder": vector, "dropout": 0.1}
    problems = check(Model, {**both, "pretrained_head": "somewhere"}, given=["vocab"])
    assert [problem.path for problem in problems] == ["seq2vec_encoder", "dropout"]
    neither = {"type": "simple_tagger", "text_field_embedder": embedder}
    assert [str(problem) for problem in check(Model, neither, given=["vocab"])] == [
        "encoder: missing; expected an encoder, or pretrained_head"
    ]
