"""Span extractors and other modules between a model's parts, against AllenNLP's; and what they do beyond."""

import json
import re
from pathlib import Path

import pytest
import torch

from foldformer.config import ConfigurationError, Params
from foldformer.nn.layers import GatedSum, Highway, InputVariationalDropout
from foldformer.nn.span_extractors import SpanExtractor

RECORDS = json.loads(Path(__file__).with_name("recorded.json").read_text())
MODULES = {"GatedSum": GatedSum, "Highway": Highway}


def built(base, config):
    return MODULES[base](**config) if base in MODULES else SpanExtractor.from_params(Params(config))


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: f"{r['base']}-{'-'.join(map(str, r['config'].values()))}")
def test_module_gives_what_allennlp_gives(record, recorded):
    module = recorded.fill(built(record["base"], record["config"]))
    recorded.check_state(module, record["shapes"])
    inputs = [torch.tensor(each["tensor"]) for each in record["inputs"]]
    found = module(*inputs)
    recorded.check_equal(found, record["answer"])
    if record["base"] == "SpanExtractor":
        assert found.size(-1) == module.get_output_dim()
        assert module.get_input_dim() == 4


@pytest.mark.parametrize("kind", ["endpoint", "self_attentive", "bidirectional_endpoint", "max_pooling"])
def test_spans_pass_gradients_on_and_padded_ones_give_zeros(kind):
    module = SpanExtractor.by_name(kind)(4).double()
    tokens = torch.randn(2, 5, 4, dtype=torch.double, requires_grad=True)
    spans = torch.tensor([[[0, 1], [2, 4]], [[3, 3], [0, 0]]])
    assert torch.autograd.gradcheck(lambda each: module(each, spans), (tokens,))
    padded = module(tokens, spans, None, torch.tensor([[True, True], [True, False]]))
    assert padded[1, 1].tolist() == [0.0] * padded.size(-1)
    assert torch.equal(padded[0], module(tokens, spans)[0])


def test_dropout_is_the_same_at_every_position():
    torch.manual_seed(0)
    ones = torch.ones(8, 5, 20)
    dropout = InputVariationalDropout(0.5)
    dropped = dropout(ones)
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert sorted(set(dropped.flatten().tolist())) == [0.0, 2.0]
    assert torch.equal(dropout.eval()(ones), ones)
    changed = torch.ones(2, 3, 4)
    assert InputVariationalDropout(0.5, inplace=True)(changed) is None
    assert not torch.equal(changed, torch.ones(2, 3, 4))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: built("", {"type": "endpoint", "input_dim": 4, "num_width_embeddings": 3}),
            ConfigurationError,
            "got 3 with",
        ),
        (lambda: built("", {"type": "bidirectional_endpoint", "input_dim": 3}), ConfigurationError, "input_dim: got 3"),
        (
            lambda: built("", {"type": "endpoint", "input_dim": 3})(torch.ones(1, 2, 4), None),
            ValueError,
            "vectors of 4",
        ),
        (
            lambda: built("", {"type": "max_pooling", "input_dim": 4})(torch.ones(1, 2, 4), torch.tensor([[[0, 2]]])),
            IndexError,
            "got spans from 0 to 2; expected first <= last, within 2",
        ),
        (
            lambda: built("", {"type": "max_pooling", "input_dim": 4})(
                torch.ones(1, 2, 4), torch.tensor([[[1, 1]]]), torch.tensor([[True, False]])
            ),
            IndexError,
            "got a span without a real token",
        ),
        (lambda: GatedSum(3)(torch.ones(1, 3), torch.ones(2, 3)), ValueError, "got shapes (1, 3) and (2, 3)"),
    ],
)
def test_wrong_settings_and_inputs_are_named(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
