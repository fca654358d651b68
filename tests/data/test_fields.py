import logging
import pickle
import re
from collections import defaultdict
from types import SimpleNamespace

import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.data import LabelField, MetadataField, SequenceLabelField, TextField, TokenIndexer
from foldformer.data.fields.adjacency_field import AdjacencyField
from foldformer.data.fields.multilabel_field import MultiLabelField
from foldformer.text import Token, Vocabulary


class Lengths(TokenIndexer):
    """Indexes a token by its number of characters, with a mask."""

    def count_vocab_items(self, token, counter):
        counter["lengths"][str(len(token.text))] += 1

    def tokens_to_indices(self, tokens, vocabulary):
        return {"n": [len(token.text) for token in tokens], "real": [True] * len(tokens)}

    def get_empty_token_list(self):
        return {"n": [], "real": []}


def _text(words, **indexers):
    return TextField([Token(word) for word in words], indexers or {"one": Lengths()})


def _indexed(field, vocab=None):
    field.index(vocab or Vocabulary())
    return field


def _counted(field):
    counter = defaultdict(lambda: defaultdict(int))
    field.count_vocab_items(counter)
    return {namespace: dict(counts) for namespace, counts in counter.items()}


def test_text_becomes_one_dictionary_of_tensors_an_indexer():
    field = _indexed(_text(["a", "bcd"], one=Lengths(), two=Lengths(token_min_padding_length=4)))
    lengths = field.get_padding_lengths()
    assert lengths == {"one___n": 2, "one___real": 2, "two___n": 4, "two___real": 4}
    tensors = field.as_tensor({**lengths, "one___n": 3})
    assert tensors["one"]["n"].tolist() == [1, 3, 0]
    assert tensors["two"]["real"].tolist() == [True, True, False, False]
    assert (tensors["one"]["n"].dtype, tensors["one"]["real"].dtype) == (torch.int64, torch.bool)


def test_texts_of_a_batch_are_stacked_by_name():
    field = _indexed(_text(["a"]))
    batch = field.batch_tensors([field.as_tensor({"one___n": 2, "one___real": 1}) for _ in range(3)])
    assert batch["one"]["n"].tolist() == [[1, 0]] * 3
    assert batch["one"]["real"].shape == (3, 1)


def test_an_indexers_name_may_hold_the_separator():
    field = _indexed(_text(["a"], a___b=Lengths()))
    assert field.as_tensor(field.get_padding_lengths())["a___b"]["n"].tolist() == [1]


def test_text_counts_every_token_for_every_indexer():
    assert _counted(_text(["a", "b", "ccc"], one=Lengths(), two=Lengths())) == {"lengths": {"1": 4, "3": 2}}


def test_an_empty_text_pads_a_list_of_texts():
    empty = _text(["a"]).empty_field()
    assert empty.as_tensor({"one___n": 2, "one___real": 2})["one"]["n"].tolist() == [0, 0]
    assert empty.sequence_length() == 0


def test_a_copy_of_a_text_shares_its_indexers_alone():
    field = _indexed(_text(["a"]))
    copy = field.duplicate()
    assert copy == field
    assert copy.token_indexers["one"] is field.token_indexers["one"]
    copy.tokens[0].text = "b"
    assert field.tokens[0].text == "a"
    assert copy != field


def test_indexers_may_come_later():
    field = TextField([Token("a")])
    with pytest.raises(ValueError, match="apply_token_indexers"):
        field.index(Vocabulary())
    travelled = pickle.loads(pickle.dumps(field))
    travelled.token_indexers = {"late": Lengths()}
    assert _indexed(travelled).get_padding_lengths() == {"late___n": 1, "late___real": 1}


def test_foreign_tokens_with_a_text_serve_and_strings_do_not():
    assert _indexed(TextField([SimpleNamespace(text="ab")], {"one": Lengths()})).get_padding_lengths()["one___n"] == 1
    with pytest.raises(ConfigurationError, match=r"got 'b' \(str\) at position 1; expected a Token"):
        TextField([Token("a"), "b"])


def test_text_is_a_sequence_of_its_tokens():
    field = _text(["a", "b"])
    assert (list(field), field[1], len(field)) == ([Token("a"), Token("b")], Token("b"), 2)
    assert field.human_readable_repr() == ["a", "b"]
    assert "Lengths" in str(field)


def test_a_label_becomes_its_index():
    vocab = Vocabulary({"labels": {"N": 2, "V": 1}})
    field = _indexed(LabelField("V"), vocab)
    assert field.as_tensor(field.get_padding_lengths()).tolist() == 1
    assert field.batch_tensors([field.as_tensor({})] * 2).tolist() == [1, 1]
    assert _counted(field) == {"labels": {"V": 1}}
    assert field.empty_field().as_tensor({}).tolist() == -1


def test_a_label_that_is_an_index_is_neither_counted_nor_looked_up():
    field = LabelField(4, skip_indexing=True)
    assert _counted(field) == {}
    assert _indexed(field).as_tensor({}).tolist() == 4


@pytest.mark.parametrize(("label", "skip"), [(3, False), ("N", True), (None, False), (True, True), (1.5, True)])
def test_a_label_of_the_wrong_type_is_refused(label, skip):
    with pytest.raises(ConfigurationError, match=r"LabelField in labels: got the label .*expected"):
        LabelField(label, skip_indexing=skip)


def test_labels_of_a_sequence_become_indices_padded_with_zero():
    vocab = Vocabulary({"tags": {"N": 2, "V": 1}})
    field = _indexed(SequenceLabelField(["V", "N"], _text(["a", "b"]), "tags"), vocab)
    assert field.get_padding_lengths() == {"num_tokens": 2}
    assert field.as_tensor({"num_tokens": 4}).tolist() == [1, 0, 0, 0]
    assert _counted(field) == {"tags": {"N": 1, "V": 1}}
    assert (list(field), field[0], len(field), field.human_readable_repr()) == (["V", "N"], "V", 2, ["V", "N"])


def test_labels_that_are_indices_are_taken_as_they_are():
    field = SequenceLabelField([3, 0], _text(["a", "b"]))
    assert _counted(field) == {}
    assert _indexed(field).as_tensor({"num_tokens": 2}).tolist() == [3, 0]
    assert field.empty_field().as_tensor({"num_tokens": 1}).tolist() == [0]


def test_labels_and_elements_must_be_as_many():
    with pytest.raises(ConfigurationError, match="got 1 labels for 2 elements"):
        SequenceLabelField(["N"], _text(["a", "b"]))


def test_strings_and_indices_are_not_mixed():
    with pytest.raises(ConfigurationError, match="labels of the types int, str"):
        SequenceLabelField(["N", 1], _text(["a", "b"]))


def test_tensors_before_indexing_are_refused():
    for field in (LabelField("N"), SequenceLabelField(["N"], _text(["a"])), _text(["a"])):
        with pytest.raises(ConfigurationError, match=r"call index\(vocabulary\)"):
            field.as_tensor({"num_tokens": 1})


def test_metadata_travels_untouched_and_batches_as_a_list():
    field = MetadataField({"id": 3})
    assert (field["id"], list(field), len(field)) == (3, ["id"], 1)
    assert field.batch_tensors([field.as_tensor({}), None]) == [{"id": 3}, None]
    assert field.empty_field().metadata is None
    assert MetadataField(SimpleNamespace(human_readable_repr=lambda: "x")).human_readable_repr() == "x"
    with pytest.raises(TypeError, match="got a int; expected a dictionary"):
        MetadataField(3)["id"]


def test_a_label_namespace_that_will_be_padded_is_warned_of_once(caplog):
    with caplog.at_level(logging.WARNING):
        LabelField("N", "unusual")
        SequenceLabelField(["N"], _text(["a"]), "unusual")
        LabelField("N", "my_labels")
        SequenceLabelField(["N"], _text(["a"]), "sequences")
        MultiLabelField(["N"], "sets")
        AdjacencyField([(0, 0)], _text(["a"]), ["N"], "pairs")
    named = [re.search(r'"(\w+)"', record.getMessage())[1] for record in caplog.records]
    assert named == ["unusual", "sequences", "sets", "pairs"]


def test_fields_are_equal_when_their_content_is():
    assert LabelField("N") == LabelField("N")
    assert LabelField("N") != LabelField("N", "other_labels")
    assert _indexed(LabelField("N"), Vocabulary({"labels": {"N": 1}})) != LabelField("N")
    assert MetadataField(1) != LabelField("N")
