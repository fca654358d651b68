"""Span extractors and other modules between a model's parts, against AllenNLP's; and what they do beyond."""

import json
import re
from pathlib import Path

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from foldformer.config import ConfigurationError, Params
from foldformer.nn import Seq2SeqEncoder, Seq2VecEncoder
from foldformer.nn.attention import Attention
from foldformer.nn.layers import (
    GatedSum,
    Highway,
    InputVariationalDropout,
    LayerNorm,
    Maxout,
    ResidualWithLayerDropout,
    SoftmaxLoss,
)
from foldformer.nn.lstm import StackedBidirectionalLstm
from foldformer.nn.matrix_attention import MatrixAttention
from foldformer.nn.seq2seq.recurrent import RecurrentSeq2SeqEncoder
from foldformer.nn.seq2vec.recurrent import RecurrentSeq2VecEncoder
from foldformer.nn.span_extractors import SpanExtractor

RECORDS = json.loads(Path(__file__).with_name("recorded.json").read_text())
MODULES = {
    each.__name__: each for each in (GatedSum, Highway, LayerNorm, Maxout, ResidualWithLayerDropout, SoftmaxLoss)
}
BASES = {each.__name__: each for each in (SpanExtractor, Attention, MatrixAttention, Seq2SeqEncoder, Seq2VecEncoder)}


def built(base, config):
    return MODULES[base](**config) if base in MODULES else BASES[base].from_params(Params(config))


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: f"{r['base']}-{'-'.join(map(str, r['config'].values()))}")
def test_module_gives_what_allennlp_gives(record, recorded):
    module = recorded.fill(built(record["base"], record["config"]))
    recorded.check_state(module, record["shapes"])
    inputs = [torch.tensor(each["tensor"]) for each in record["inputs"]]
    found = module(*inputs)
    recorded.check_equal(found, record["answer"])
    if record["base"] in ("SpanExtractor", "Seq2SeqEncoder", "Seq2VecEncoder"):
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


@pytest.mark.parametrize("kind", ["additive", "bilinear", "linear", "dot_product", "scaled_dot_product", "cosine"])
def test_attention_passes_gradients_on_and_padding_gets_no_weight(kind):
    torch.manual_seed(0)
    widths = {"linear": (4, 4), "additive": (4, 4), "bilinear": (4, 4)}.get(kind, ())
    module = Attention.by_name(kind)(*widths).double()
    vector, matrix = (torch.randn(*shape, 4, dtype=torch.double, requires_grad=True) for shape in ((2,), (2, 3)))
    mask = torch.tensor([[True, True, False], [True, False, False]])
    assert torch.autograd.gradcheck(lambda *pair: module(*pair, mask), (vector, matrix))
    weights = module(vector, matrix, mask)
    assert weights[~mask].tolist() == [0.0] * 3
    assert weights.sum(dim=1).tolist() == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("kind", ["augmented_lstm", "alternating_lstm", "stacked_bidirectional_lstm"])
def test_layers_of_memory_do_not_see_padding_and_drop_in_training(kind):
    torch.manual_seed(0)
    options = {} if kind == "augmented_lstm" else {"num_layers": 2}
    encoder = Seq2SeqEncoder.by_name(kind)(4, 3, recurrent_dropout_probability=0.5, **options).eval()
    inputs, mask = torch.randn(3, 5, 4), torch.arange(5) < torch.tensor([[5], [2], [0]])
    found = encoder(inputs, mask)
    changed = encoder(torch.where(mask.unsqueeze(-1), inputs, torch.randn(3, 5, 4)), mask)
    torch.testing.assert_close(found, changed)
    assert found[~mask].abs().max() == 0
    torch.testing.assert_close(encoder(inputs[1:2, :2], mask[1:2, :2]), found[1:2, :2])
    assert not torch.allclose(encoder.train()(inputs, mask), found)


def test_networks_of_ones_own_are_wrapped():
    torch.manual_seed(0)
    network = torch.nn.LSTM(4, 3, batch_first=True, bidirectional=True)
    inputs = torch.randn(2, 5, 4)
    torch.testing.assert_close(RecurrentSeq2SeqEncoder(network)(inputs), network(inputs)[0])
    vectors = RecurrentSeq2VecEncoder(StackedBidirectionalLstm(4, 3, 2))
    assert vectors(inputs, torch.ones(2, 5, dtype=torch.bool)).shape == (2, 6)
    with pytest.raises(ConfigurationError, match="LSTM: got batch_first=False"):
        RecurrentSeq2VecEncoder(torch.nn.LSTM(4, 3))
    packed = pack_padded_sequence(inputs, [5, 4], batch_first=True)
    with pytest.raises(ConfigurationError, match="got states for 1 layers; expected 2"):
        StackedBidirectionalLstm(4, 3, 2)(packed, (torch.zeros(1, 2, 3), torch.zeros(1, 2, 3)))


def test_linear_attention_sees_each_row_beside_the_vector(recorded):
    """AllenNLP adds products of one text to the scores of another."""
    config = {"type": "linear", "tensor_1_dim": 4, "tensor_2_dim": 4, "combination": "x,y,x*y", "normalize": False}
    module = recorded.fill(Attention.from_params(Params(config)))
    vector, matrix = torch.randn(2, 4), torch.randn(2, 3, 4)
    for row, other in ((0, 2), (1, 0)):
        beside = torch.cat([vector[row], matrix[row, other], vector[row] * matrix[row, other]])
        expected = beside @ module._weight_vector + module._bias
        torch.testing.assert_close(module(vector, matrix)[row, other], expected[0])


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


def test_deeper_layers_are_left_out_more_often():
    torch.manual_seed(0)
    residual = ResidualWithLayerDropout(0.8)
    ones = torch.ones(1)
    kept = [sum(residual(ones, ones, layer, 4).item() == 2 for _ in range(500)) / 500 for layer in (1, 2, 4)]
    assert kept == pytest.approx([0.8, 0.6, 0.2], abs=0.06)
    assert residual.eval()(ones, ones, 1, 4).item() == pytest.approx(1.8)
    with pytest.raises(ValueError, match=r"got 1\.5"):
        ResidualWithLayerDropout(1.5)


def built_span_extractor(**config):
    return built("SpanExtractor", config)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: built_span_extractor(type="endpoint", input_dim=4, num_width_embeddings=3),
            ConfigurationError,
            "got 3 with",
        ),
        (
            lambda: built_span_extractor(type="bidirectional_endpoint", input_dim=3),
            ConfigurationError,
            "input_dim: got 3",
        ),
        (
            lambda: built_span_extractor(type="endpoint", input_dim=3)(torch.ones(1, 2, 4), None),
            ValueError,
            "vectors of 4",
        ),
        (
            lambda: built_span_extractor(type="max_pooling", input_dim=4)(
                torch.ones(1, 2, 4), torch.tensor([[[0, 2]]])
            ),
            IndexError,
            "got spans from 0 to 2; expected first <= last, within 2",
        ),
        (
            lambda: built_span_extractor(type="max_pooling", input_dim=4)(
                torch.ones(1, 2, 4), torch.tensor([[[1, 1]]]), torch.tensor([[True, False]])
            ),
            IndexError,
            "got a span without a real token",
        ),
        (
            lambda: built("Attention", {"type": "linear", "tensor_1_dim": 3, "tensor_2_dim": 4, "combination": "x*y"}),
            ConfigurationError,
            "widths 3 and 4",
        ),
        (lambda: Maxout(3, 2, [4], 2), ConfigurationError, "output_dims: got 1 values"),
        (lambda: GatedSum(3)(torch.ones(1, 3), torch.ones(2, 3)), ValueError, "got shapes (1, 3) and (2, 3)"),
    ],
)
def test_wrong_settings_and_inputs_are_named(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
