"""The functions that models call, against AllenNLP's; and what they do beyond."""

import json
import re
from pathlib import Path

import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.nn.functions import combine, limits, masked, modules, select, sequences, tensors

RECORDS = json.loads(Path(__file__).with_name("recorded.json").read_text())


def unmarked(value):
    if isinstance(value, dict) and value.keys() == {"tensor"}:
        return torch.tensor(value["tensor"])
    return [unmarked(each) for each in value] if isinstance(value, list) else value


def function(name):
    places = (combine, masked, select, sequences, tensors)
    return next(vars(place)[name] for place in places if name in vars(place))


def as_lists(value):
    return [as_lists(each) for each in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["function"])
def test_function_gives_what_allennlp_gives(record, recorded):
    named = {key: unmarked(value) for key, value in record["named"].items()}
    found = function(record["function"])(*unmarked(record["arguments"]), **named)
    recorded.check_equal(as_lists(found), record["answer"])


def test_dtypes_know_their_limits():
    assert limits.min_value_of_dtype(torch.float16) == -65504.0
    assert limits.max_value_of_dtype(torch.int8) == 127
    assert [limits.tiny_value_of_dtype(each) for each in (torch.float, torch.double, torch.half)] == [
        1e-13,
        1e-13,
        1e-4,
    ]
    with pytest.raises(TypeError, match=r"got torch\.bool"):
        limits.min_value_of_dtype(torch.bool)
    with pytest.raises(TypeError, match=r"got torch\.int64"):
        limits.tiny_value_of_dtype(torch.long)


def test_rows_without_a_real_position_stay_finite_and_give_no_gradient():
    scores = torch.randn(2, 3, requires_grad=True)
    mask = torch.tensor([[True, True, False], [False, False, False]])
    weights = masked.masked_softmax(scores, mask)
    assert weights[1].tolist() == [0.0, 0.0, 0.0]
    weights.square().sum().backward()
    assert scores.grad[1].tolist() == [0.0, 0.0, 0.0]
    assert scores.grad[0, 2] == 0.0
    assert masked.masked_mean(scores, mask, 1)[1] == 0.0


def test_weights_and_selections_pass_gradients_on():
    target = torch.randn(2, 4, 3, dtype=torch.double, requires_grad=True)
    attention = torch.rand(2, 5, 4, dtype=torch.double, requires_grad=True)
    indices = torch.tensor([[0, 3, 3], [1, 0, 2]])
    assert torch.autograd.gradcheck(combine.weighted_sum, (target, attention))
    assert torch.autograd.gradcheck(lambda each: select.batched_index_select(each, indices), (target,))


def test_dropout_mask_keeps_the_mean():
    torch.manual_seed(0)
    mask = sequences.get_dropout_mask(0.25, torch.zeros(200, 200))
    assert sorted(set(mask.flatten().tolist())) == pytest.approx([0.0, 4 / 3])
    assert mask.mean().item() == pytest.approx(1.0, abs=0.01)


def test_one_process_reduces_nothing():
    assert tensors.dist_reduce_sum(3) == 3
    assert tensors.dist_reduce(2.5, None) == 2.5
    with pytest.raises(RuntimeError, match="got one process"):
        tensors.distributed_device()


def test_tensors_are_found_compared_and_stacked():
    assert tensors.has_tensor({"a": [1, (torch.ones(1),)]})
    assert not tensors.has_tensor({"a": [1, "b"]})
    assert tensors.tensors_equal({"a": torch.ones(2)}, {"a": torch.ones(2)})
    assert not tensors.tensors_equal({"a": torch.ones(2)}, {"b": torch.ones(2)})
    assert not tensors.tensors_equal(torch.ones(2), [1.0, 1.0])
    assert not tensors.tensors_equal(torch.ones(2, dtype=torch.bool), torch.tensor([True, False]))
    stacked = tensors.batch_tensor_dicts([{"a": torch.ones(3, 1)}, {"a": torch.zeros(3, 1)}], True)
    assert stacked["a"].tolist() == [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    sparse = torch.sparse_coo_tensor([[0, 2]], [5.0, -5.0], (3,), check_invariants=True)
    assert tensors.clamp_tensor(sparse, -1, 1).to_dense().tolist() == [1.0, 0.0, -1.0]
    assert tensors.device_mapping(-1)("storage", None) == "storage"


def test_layers_are_copied_widened_and_described(capsys):
    layer = torch.nn.Linear(2, 3)
    before = layer.weight.detach().clone()
    copies = modules.clone(layer, 2)
    modules.extend_layer(layer, 5)
    assert layer(torch.ones(1, 2)).shape == (1, 5)
    assert torch.equal(layer.weight[:3], before)
    assert layer.bias[3:].tolist() == [0.0, 0.0]
    assert torch.equal(copies[1].weight, before)
    copies[0].bias.requires_grad_(False)
    described = modules.inspect_parameters(copies)
    assert described["0"] == {"bias": "frozen", "weight": "tunable"}
    assert json.loads(capsys.readouterr().out) == described


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: select.batched_index_select(torch.ones(1, 2, 3), torch.tensor([[2]])),
            ValueError,
            "got 2 to 2; expected 0 to 1",
        ),
        (lambda: select.flattened_index_select(torch.ones(1, 2, 3), torch.tensor([2])), ValueError, "got shape (1,)"),
        (lambda: masked.masked_topk(torch.ones(2, 3), torch.ones(2, 2), 1), ValueError, "mask: got shape (2, 2)"),
        (lambda: masked.masked_topk(torch.ones(2), torch.ones(2), 1, dim=3), ValueError, "dim: got 3"),
        (
            lambda: masked.masked_topk(torch.ones(2, 3), torch.ones(2, 3), torch.ones(3)),
            ValueError,
            "k: got shape (3,)",
        ),
        (lambda: masked.replace_masked_values(torch.ones(2), torch.ones(1, 2), 0.0), ValueError, "got 2 dimensions"),
        (lambda: combine.combine_tensors("x,y^x", [torch.ones(1)] * 2), ConfigurationError, 'got "x,y^x"'),
        (lambda: combine.combine_tensors("x,3", [torch.ones(1)] * 2), ConfigurationError, "a number from 1 to 2"),
        (lambda: combine.get_combined_dim("x*y", [2, 3]), ConfigurationError, "widths 2 and 3"),
        (lambda: combine.get_combined_dim("x", [1] * 10), ConfigurationError, "got 10 tensors"),
        (lambda: modules.extend_layer(torch.nn.ReLU(), 3), ConfigurationError, "got ReLU"),
        (lambda: modules.extend_layer(torch.nn.Linear(1, 4), 3), ConfigurationError, "expected at least 4"),
        (lambda: sequences.add_sentence_boundary_token_ids(torch.ones(2), None, 1, 2), ValueError, "got shape (2,)"),
    ],
)
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
