import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.data import Batch, Instance, LabelField, MetadataField, SequenceLabelField, TextField
from foldformer.text import Token, Vocabulary
from indexers import SingleIdTokenIndexer


def _instance(words, label="L", **more):
    text = TextField([Token(word) for word in words], {"t": SingleIdTokenIndexer()})
    tags = SequenceLabelField([word.upper() for word in words], text, "tags")
    return Instance({"text": text, "label": LabelField(label), "tags": tags, **more})


def _batch(*sentences):
    instances = [_instance(words) for words in sentences]
    batch = Batch(instances)
    batch.index_instances(Vocabulary.from_instances(instances))
    return batch


def test_a_batch_is_padded_to_its_longest():
    tensors = _batch(["a"], ["a", "b", "a"], []).as_tensor_dict()
    assert tensors["text"]["t"]["tokens"].tolist() == [[2, 0, 0], [2, 3, 2], [0, 0, 0]]
    assert tensors["tags"].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert tensors["label"].tolist() == [0, 0, 0]


def test_lengths_are_the_longest_by_field_and_key():
    assert _batch(["a"], ["a", "b"]).get_padding_lengths() == {
        "text": {"t___tokens": 2},
        "label": {},
        "tags": {"num_tokens": 2},
    }


def test_given_lengths_go_before_the_batchs_own():
    tensors = _batch(["a", "b"]).as_tensor_dict({"text": {"t___tokens": 3, "unknown": 9}, "tags": {"num_tokens": 1}})
    assert tensors["text"]["t"]["tokens"].tolist() == [[2, 3, 0]]
    assert tensors["tags"].tolist() == [[0]]


def test_a_batch_of_empty_texts_has_width_zero():
    tensors = _batch([], []).as_tensor_dict()
    assert tensors["text"]["t"]["tokens"].shape == (2, 0)
    assert tensors["text"]["t"]["tokens"].dtype == torch.int64


def test_a_batch_is_its_instances_in_order():
    instances = [_instance(["a"]), _instance(["b"])]
    assert list(Batch(iter(instances))) == instances
    assert len(Batch(instances)) == 2


def test_a_field_missing_in_one_instance_is_named():
    with pytest.raises(ConfigurationError, match="instances 0 and 1 with different fields, meta in one of them"):
        Batch([_instance(["a"]), _instance(["b"], meta=MetadataField(1))])


def test_a_field_of_two_types_is_named():
    with pytest.raises(ConfigurationError, match="field x as MetadataField in instance 0 and as LabelField in"):
        Batch([Instance({"x": MetadataField(1)}), Instance({"x": LabelField("L")})])


def test_tensors_of_no_instances_are_refused():
    with pytest.raises(ValueError, match="got no instances"):
        Batch([]).as_tensor_dict()


def test_an_instance_is_indexed_once():
    instance = _instance(["a"])
    instance.index_fields(Vocabulary({"tokens": {"a": 1}, "tags": {"A": 1}, "labels": {"L": 1}}))
    instance.index_fields(Vocabulary())
    assert instance.as_tensor_dict()["text"]["t"]["tokens"].tolist() == [2]


def test_a_field_added_later_is_indexed_with_the_vocabulary_given():
    instance = Instance({"x": LabelField("L")})
    vocab = Vocabulary({"labels": {"L": 1, "M": 1}})
    instance.index_fields(vocab)
    instance.add_field("y", LabelField("M"), vocab)
    assert instance.as_tensor_dict()["y"].tolist() == 1
    assert set(instance) == {"x", "y"}


def test_an_instance_shows_and_copies_itself():
    instance = _instance(["a"])
    assert instance.human_readable_dict() == {"text": ["a"], "label": "L", "tags": ["A"]}
    copy = instance.duplicate()
    copy["text"].tokens[0].text = "b"
    assert instance["text"].tokens[0].text == "a"
    assert (len(copy), copy.indexed) == (3, False)
    assert "LabelField 'L'" in str(instance)
