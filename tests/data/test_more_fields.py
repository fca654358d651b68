from collections import defaultdict

import numpy as np
import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.data import (
    AdjacencyField,
    ArrayField,
    Batch,
    FlagField,
    IndexField,
    Instance,
    LabelField,
    ListField,
    MultiLabelField,
    NamespaceSwappingField,
    SequenceLabelField,
    SpanField,
    TensorField,
    TextField,
)
from foldformer.text import Token, Vocabulary
from indexers import PretrainedTransformerMismatchedIndexer, SingleIdTokenIndexer

VOCAB = Vocabulary({"tokens": {"a": 3, "b": 2}, "labels": {"N": 3, "V": 2, "X": 1}})


def _text(*words):
    return TextField([Token(word) for word in words], {"t": SingleIdTokenIndexer()})


def _tensors(*fields, vocab=VOCAB):
    batch = Batch([Instance({"x": field}) for field in fields])
    batch.index_instances(vocab)
    return batch.as_tensor_dict()["x"]


def _counted(field):
    counter = defaultdict(lambda: defaultdict(int))
    field.count_vocab_items(counter)
    return {namespace: dict(counts) for namespace, counts in counter.items()}


def test_a_list_of_texts_is_padded_in_both_directions():
    tensors = _tensors(ListField([_text("a"), _text("a", "b", "a")]), ListField([_text("b")]))
    assert tensors["t"]["tokens"].tolist() == [[[2, 0, 0], [2, 3, 2]], [[3, 0, 0], [0, 0, 0]]]


def test_a_list_of_labels_pads_with_minus_one():
    assert _tensors(ListField([LabelField("V")]), ListField([LabelField("N"), LabelField("X")])).tolist() == [
        [1, -1],
        [0, 2],
    ]


def test_a_list_of_label_sequences_is_padded_with_zero():
    rows = [
        ListField([SequenceLabelField(["V"], _text("a"))]),
        ListField([SequenceLabelField(["X", "V"], _text("a", "b"))]),
    ]
    assert _tensors(*rows).tolist() == [[[1, 0]], [[2, 1]]]


def test_lists_nest():
    inner = [ListField([LabelField("V"), LabelField("X")]), ListField([LabelField("N")])]
    assert _tensors(ListField(inner), ListField(inner[1:])).tolist() == [[[1, 2], [0, -1]], [[0, -1], [-1, -1]]]


def test_empty_texts_in_a_list_keep_a_width_of_one():
    assert _tensors(ListField([_text(), _text()]))["t"]["tokens"].tolist() == [[[0], [0]]]


def test_a_list_of_folded_texts_is_padded_with_real_booleans(tiny_model):
    indexer = PretrainedTransformerMismatchedIndexer(tiny_model("bert"), max_length=5)

    def text(*words):
        return TextField([Token(word) for word in words], {"k": indexer})

    tensors = _tensors(ListField([text("a", "b")]), ListField([text("a"), text()]), vocab=Vocabulary())["k"]
    assert {name for name, tensor in tensors.items() if tensor.dtype == torch.bool} == {
        "mask", "wordpiece_mask", "segment_concat_mask",
    }  # fmt: skip
    assert tensors["segment_concat_mask"].sum(-1).tolist() == [[4, 0], [3, 0]]
    assert tensors["offsets"].tolist()[0] == [[[1, 1], [2, 2]], [[0, 0], [0, 0]]]


def test_a_list_counts_reads_and_shows_its_fields():
    field = ListField([LabelField("V"), LabelField("V")])
    assert _counted(field) == {"labels": {"V": 2}}
    assert (len(field), field.sequence_length(), field[1], list(field)) == (
        2,
        2,
        LabelField("V"),
        [LabelField("V")] * 2,
    )
    assert field.human_readable_repr() == ["V", "V"]
    assert "LabelField" in str(field)


@pytest.mark.parametrize("fields", [[], [LabelField("N"), FlagField(1)]])
def test_a_list_needs_fields_of_one_type(fields):
    with pytest.raises(ConfigurationError, match=r"ListField: got (no fields|FlagField and LabelField)"):
        ListField(fields)


def test_positions_and_spans_of_a_sequence():
    text = _text("a", "b", "a")
    assert _tensors(IndexField(2, text), IndexField(0, text)).tolist() == [[2], [0]]
    assert _tensors(SpanField(0, 2, text), SpanField(1, 1, text)).tolist() == [[0, 2], [1, 1]]
    assert _tensors(ListField([SpanField(0, 2, text)] * 2), ListField([SpanField(1, 1, text)])).tolist()[1] == [
        [1, 1],
        [-1, -1],
    ]
    assert _tensors(ListField([IndexField(1, text)] * 2), ListField([IndexField(2, text)])).tolist()[1] == [[2], [-1]]
    assert (IndexField(2, text) == 2, SpanField(0, 1, text) == (0, 1), SpanField(0, 1, text) == (0, 2)) == (
        True,
        True,
        False,
    )
    assert IndexField(2, text) != IndexField(1, text)
    assert (IndexField(2, text).human_readable_repr(), SpanField(0, 1, text).human_readable_repr()) == (2, (0, 1))


@pytest.mark.parametrize("span", [(2, 1), (0, 3), (3, 3)])
def test_a_span_outside_its_sequence_is_refused(span):
    with pytest.raises(ValueError, match="in a sequence of 3; expected the first and the last"):
        SpanField(*span, _text("a", "b", "a"))


def test_positions_that_are_no_integers_are_refused():
    with pytest.raises(ConfigurationError, match=r"got the index '1' \(str\)"):
        IndexField("1", _text("a"))
    with pytest.raises(TypeError, match=r"got the position 0.0 \(float\)"):
        SpanField(0.0, 0, _text("a"))


def test_tensors_are_padded_in_every_dimension():
    assert ArrayField is TensorField
    one, two = (
        TensorField(torch.tensor([[1, 2]]), padding_value=-1),
        TensorField(torch.tensor([[3], [4]]), padding_value=-1),
    )
    assert _tensors(one, two).tolist() == [[[1, 2], [-1, -1]], [[3, -1], [4, -1]]]
    assert _tensors(one, two).dtype == torch.int64
    scalar = TensorField(torch.tensor(1.5))
    assert _tensors(scalar, scalar).tolist() == [1.5, 1.5]


def test_arrays_may_be_converted():
    assert TensorField(np.array([1, 2]), dtype=np.float32).tensor.dtype == torch.float32
    assert TensorField(torch.tensor([1]), dtype=torch.bool).tensor.dtype == torch.bool
    assert TensorField(np.array([1, 2])).array.tolist() == [1, 2]


def test_tensor_fields_pad_a_list():
    rows = _tensors(
        ListField([TensorField(torch.tensor([[1.0, 2.0]]))] * 2), ListField([TensorField(torch.tensor([[3.0]]))])
    )
    assert rows.tolist() == [[[[1, 2]], [[1, 2]]], [[[3, 0]], [[0, 0]]]]


def test_tensor_fields_compare_and_show_their_numbers():
    field = TensorField(torch.tensor([1.0, 3.0]))
    assert field == TensorField(torch.tensor([1.0, 3.0]))
    assert field != TensorField(torch.tensor([1.0, 3.0]), padding_value=1)
    assert field.human_readable_repr() == {
        "shape": [2], "element_mean": 2.0, "element_std": pytest.approx(2**0.5), "type": "float32",
    }  # fmt: skip
    assert TensorField(torch.tensor(2.0)).human_readable_repr()["element_std"] == 0
    assert (len(field), len(TensorField(torch.tensor(2.0)))) == (2, 1)
    with pytest.raises(TypeError, match="got list; expected"):
        TensorField([1])


def test_a_flag_reaches_the_model_once_and_must_agree():
    assert _tensors(FlagField({"mode": 1}), FlagField({"mode": 1})) == {"mode": 1}
    with pytest.raises(ValueError, match="got 1 and 2 in one batch"):
        _tensors(FlagField(1), FlagField(2))


def test_several_labels_become_ones_at_their_indices():
    fields = [MultiLabelField(["X", "N"]), MultiLabelField([])]
    assert _counted(fields[0]) == {"labels": {"X": 1, "N": 1}}
    assert _tensors(*fields).tolist() == [[1, 0, 1], [0, 0, 0]]
    ready = MultiLabelField([0, 3], skip_indexing=True, num_labels=4)
    assert (_counted(ready), _tensors(ready).tolist()) == ({}, [[1, 0, 0, 1]])
    assert _tensors(ListField([ready, ready]), ListField([ready])).tolist()[1] == [[1, 0, 0, 1], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        ([1], {}, "expected strings"),
        (["N"], {"skip_indexing": True, "num_labels": 3}, "got the label 'N' with skip_indexing"),
        ([3], {"skip_indexing": True, "num_labels": 3}, "below num_labels=3"),
        ([-1], {"skip_indexing": True, "num_labels": 3}, "below num_labels=3"),
        ([1], {"skip_indexing": True}, "num_labels, which is missing"),
    ],
)
def test_several_labels_of_the_wrong_kind_are_refused(labels, options, message):
    with pytest.raises(ConfigurationError, match=message):
        MultiLabelField(labels, **options)


def test_edges_become_a_matrix():
    text = _text("a", "b")
    plain, labelled = (
        AdjacencyField([(0, 1)], text),
        AdjacencyField([(1, 0), (1, 1)], text, ["X", "N"], padding_value=-9),
    )
    assert _counted(labelled) == {"labels": {"X": 1, "N": 1}}
    assert _tensors(plain).tolist() == [[[-1, 1], [-1, -1]]]
    assert _tensors(labelled).tolist() == [[[-9, -9], [2, 0]]]
    wider = _tensors(AdjacencyField([(0, 0)], _text("a")), plain)
    assert wider.tolist() == [[[1, -1], [-1, -1]], [[-1, 1], [-1, -1]]]
    assert wider.dtype == torch.float32
    assert labelled.human_readable_repr() == {"indices": [(1, 0), (1, 1)], "labels": ["X", "N"]}
    assert (labelled.empty_field().as_tensor({"num_tokens": 1}) == -9).all()


@pytest.mark.parametrize(
    ("edges", "labels", "message"),
    [
        ([(0, 1), (0, 1)], None, "expected every edge once"),
        ([(0, 2)], None, r"the edge \(0, 2\) in a sequence of 2"),
        ([(-1, 0)], None, r"the edge \(-1, 0\)"),
        ([(0, 1)], ["N", "V"], "got 2 labels for 1 edges"),
    ],
)
def test_edges_that_do_not_fit_are_refused(edges, labels, message):
    with pytest.raises(ConfigurationError, match=message):
        AdjacencyField(edges, _text("a", "b"), labels)


def test_tokens_of_the_source_are_looked_up_in_the_targets_namespace():
    field = NamespaceSwappingField([Token("b"), Token("unseen")], "tokens")
    assert _counted(field) == {}
    assert _tensors(field, NamespaceSwappingField([Token("a")], "tokens")).tolist() == [[3, 1], [2, 0]]
    assert field.empty_field().as_tensor({"num_tokens": 2}).tolist() == [0, 0]
    assert field.human_readable_repr() == {"source_tokens": ["b", "unseen"], "target_namespace": "tokens"}


def test_these_fields_too_refuse_tensors_before_indexing():
    text = _text("a")
    for field in (
        MultiLabelField(["N"]),
        AdjacencyField([(0, 0)], text, ["N"]),
        NamespaceSwappingField([Token("a")], "n"),
    ):
        with pytest.raises(ConfigurationError, match=r"call index\(vocabulary\)"):
            field.as_tensor({"num_tokens": 1})
