"""Sequence encoders against AllenNLP's, and against what padding, order and emptiness must not change."""

import json
from pathlib import Path

import pytest
import torch

from foldformer.config import ConfigurationError, Params
from foldformer.nn import FeedForward, Seq2SeqEncoder, Seq2VecEncoder

RECORDS = json.loads(Path(__file__).with_name("recorded.json").read_text())
BASES = {"Seq2VecEncoder": Seq2VecEncoder, "Seq2SeqEncoder": Seq2SeqEncoder}
RNN = {"input_size": 4, "hidden_size": 3, "num_layers": 2, "bidirectional": True}
DENSE = {"input_dim": 4, "num_layers": 2, "hidden_dims": [5, 3], "activations": ["relu", "tanh"]}
TRANSFORMER = {"type": "pytorch_transformer", "input_dim": 4, "num_layers": 1, "num_attention_heads": 2}
VEC = [
    *({"type": name, "embedding_dim": 4} for name in ("mean", "max", "sum", "last", "attention", "boe")),
    *({"type": name, "embedding_dim": 4, "num_special_tokens": [1, 2]} for name in ("mean", "max", "sum")),
    {"type": "bag_of_embeddings", "embedding_dim": 4, "averaged": True},
    {"type": "cls_pooler", "embedding_dim": 4, "cls_is_last_token": True},
    {"type": "cnn", "embedding_dim": 4, "num_filters": 2},
    *({"type": name, **RNN} for name in ("lstm", "gru", "rnn")),
]
SEQ = [
    {"type": "pass_through", "input_dim": 4},
    {"type": "feedforward", "feedforward": DENSE},
    *({"type": name, **RNN} for name in ("lstm", "gru", "rnn")),
    TRANSFORMER,
    {**TRANSFORMER, "positional_encoding": "sinusoidal"},
    {"type": "compose", "encoders": [{"type": "lstm", **RNN}, {"type": "gru", **RNN, "input_size": 6}]},
]
EVERY = [("Seq2VecEncoder", config) for config in VEC] + [("Seq2SeqEncoder", config) for config in SEQ]
WITHOUT_MASK = [(base, config) for base, config in EVERY if not config.get("cls_is_last_token")]


def named(value):
    config = value.get("config", value) if isinstance(value, dict) else {"type": str(value)}
    return config["type"]


def build(base, config):
    return BASES[base].from_params(Params(config))


@pytest.mark.parametrize("record", RECORDS["encoders"] + RECORDS["empty_rows"], ids=named)
def test_encoder_gives_what_allennlp_gives(record, recorded):
    encoder = recorded.fill(build(record["base"], record["config"]))
    recorded.check_state(encoder, record["state"])
    assert [encoder.get_input_dim(), encoder.get_output_dim()] == record["dims"]
    mask = recorded.mask_of(record["lengths"], record["shape"][1])
    output = encoder(recorded.wave(*record["shape"]), mask)
    expected = torch.tensor(record["output"])
    weights = recorded.wave(*output.shape, start=7)
    if output.dim() == 3:
        # AllenNLP's transformer leaves noise where nothing is real; we promise zeros.
        expected, weights = expected * mask.unsqueeze(-1), weights * mask.unsqueeze(-1)
    recorded.check_equal(output, expected.tolist())
    if record["gradient_norms"]:
        recorded.check_gradients(encoder, (output * weights).sum(), record["gradient_norms"])


def test_stateful_encoder_remembers_rows_between_batches(recorded):
    record = RECORDS["stateful"]
    encoder = recorded.fill(Seq2SeqEncoder.from_params(Params(record["config"])))
    for (rows, lengths), expected in zip(record["batches"], record["outputs"], strict=True):
        output = encoder(recorded.wave(rows, 4, 4, start=rows), recorded.mask_of(lengths, 4))
        recorded.check_equal(output, expected)


def test_stateful_encoder_keeps_the_state_of_a_row_that_is_empty_for_once(recorded):
    config = {"type": "gru", "input_size": 4, "hidden_size": 3, "stateful": True}
    paused, steady = (recorded.fill(build("Seq2SeqEncoder", config)) for _ in range(2))
    vectors = recorded.wave(2, 3, 4)
    for encoder in (paused, steady):
        encoder(vectors)
    paused(vectors, recorded.mask_of([2, 0], 3))
    assert torch.allclose(paused(vectors)[1], steady(vectors)[1])
    assert not torch.allclose(paused(vectors)[0], steady(vectors)[0])


def test_stateful_encoder_forgets_chosen_rows(recorded):
    encoder = recorded.fill(
        build("Seq2SeqEncoder", {"type": "gru", "input_size": 4, "hidden_size": 3, "stateful": True})
    )
    vectors = recorded.wave(2, 3, 4)
    first = encoder(vectors)
    encoder.reset_states(torch.tensor([True, False]))
    second = encoder(vectors)
    assert torch.allclose(first[0], second[0])
    assert not torch.allclose(first[1], second[1])
    with pytest.raises(ValueError, match="a mask of 3 rows; expected 2"):
        encoder.reset_states(torch.tensor([True, False, True]))
    encoder.reset_states()
    assert torch.allclose(encoder(vectors), first)
    with pytest.raises(ValueError, match="hidden_state: got one"):
        encoder(vectors, None, torch.zeros(1, 2, 3))


@pytest.mark.parametrize(("base", "config"), EVERY, ids=named)
def test_padding_row_order_and_batch_size_change_nothing(base, config, recorded):
    encoder = recorded.fill(build(base, config))
    lengths = [4, 1, 6, 3]
    vectors = recorded.wave(4, 6, 4)
    mask = recorded.mask_of(lengths, 6)
    noise = torch.where(mask.unsqueeze(-1), vectors, torch.nan)
    together = encoder(noise, mask)
    order = torch.tensor([2, 0, 3, 1])
    assert torch.allclose(encoder(noise[order], mask[order]), together[order], atol=1e-6)
    for row, length in enumerate(lengths):
        alone = encoder(vectors[row : row + 1, :length], mask[row : row + 1, :length])[0]
        padded = together[row] if base == "Seq2VecEncoder" else together[row, :length]
        assert torch.allclose(alone, padded, atol=1e-6)
        if base == "Seq2SeqEncoder":
            assert not together[row, length:].any()


@pytest.mark.parametrize("lengths", [[3, 0, 2], [0, 0, 0]])
@pytest.mark.parametrize(("base", "config"), EVERY, ids=named)
def test_empty_sequence_gives_zeros_and_no_nan_gradient(base, config, lengths, recorded):
    encoder = recorded.fill(build(base, config))
    vectors = recorded.wave(3, 4, 4).requires_grad_()
    output = encoder(vectors, recorded.mask_of(lengths, 4))
    assert not output[1].any()
    output.sum().backward()
    for values in [vectors, *encoder.parameters()]:
        assert values.grad is None or values.grad.isfinite().all()
    assert not vectors.grad[1].any()


@pytest.mark.parametrize(("base", "config"), EVERY, ids=named)
def test_batch_without_positions_gives_zeros(base, config, recorded):
    output = recorded.fill(build(base, config))(torch.zeros(2, 0, 4), torch.zeros(2, 0).bool())
    assert output.shape[0] == 2
    assert not output.any()


@pytest.mark.parametrize(("base", "config"), WITHOUT_MASK, ids=named)
def test_no_mask_means_everything_is_real(base, config, recorded):
    encoder = recorded.fill(build(base, config))
    vectors = recorded.wave(2, 5, 4)
    assert torch.allclose(encoder(vectors), encoder(vectors, torch.ones(2, 5).bool()), atol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn"])
def test_recurrent_encoders_step_over_holes_in_the_mask(name, recorded):
    mask = torch.tensor([[True, False, True, True], [False, True, False, False]])
    vectors = recorded.wave(2, 4, 4)
    vec = recorded.fill(build("Seq2VecEncoder", {"type": name, **RNN}))
    seq = recorded.fill(build("Seq2SeqEncoder", {"type": name, **RNN}))
    outputs = seq(vectors, mask)
    for row in range(2):
        kept = vectors[row, mask[row]].unsqueeze(0)
        assert torch.allclose(vec(vectors, mask)[row], vec(kept)[0], atol=1e-6)
        assert torch.allclose(outputs[row, mask[row]], seq(kept)[0], atol=1e-6)
        assert not outputs[row, ~mask[row]].any()


def test_poolers_against_a_loop(recorded):
    vectors, lengths = recorded.wave(4, 5, 4), [5, 1, 3, 2]
    mask = recorded.mask_of(lengths, 5)
    rows = [vectors[row, :length] for row, length in enumerate(lengths)]
    expected = {
        "mean": [row.sum(0) / len(row) for row in rows],
        "sum": [sum(row) for row in rows],
        "max": [torch.stack([max(column) for column in row.T]) for row in rows],
        "last": [row[-1] for row in rows],
    }
    for name, answers in expected.items():
        pooled = build("Seq2VecEncoder", {"type": name, "embedding_dim": 4})(vectors, mask)
        assert torch.allclose(pooled, torch.stack(answers), atol=1e-6), name


@pytest.mark.parametrize(("start", "end"), [(1, 1), (0, 1), (0, 2), (2, 0), (0, 0)])
def test_special_tokens_are_left_out_where_asked(start, end, recorded):
    vectors, lengths = recorded.wave(5, 6, 4), [6, 3, 4, 2, 0]
    poolers = {"mean": lambda row: row.mean(0), "sum": lambda row: row.sum(0), "max": lambda row: row.amax(0)}
    mask = recorded.mask_of(lengths, 6)
    left_padded = mask.flip(1)
    for name, pool in poolers.items():
        encoder = build("Seq2VecEncoder", {"type": name, "embedding_dim": 4, "num_special_tokens": [start, end]})
        rows = [vectors[row, start : max(length - end, 0)] for row, length in enumerate(lengths)]
        expected = torch.stack([pool(row) if len(row) else torch.zeros(4) for row in rows])
        assert torch.allclose(encoder(vectors, mask), expected, atol=1e-6)
        rolled = torch.stack([row.roll(6 - length, 0) for row, length in zip(vectors, lengths, strict=True)])
        assert torch.allclose(encoder(rolled, left_padded), expected, atol=1e-6)
        plain = build("Seq2VecEncoder", {"type": name, "embedding_dim": 4})(vectors, mask)
        assert torch.equal(encoder(vectors, mask), plain) == (start == end == 0)


def test_attention_pooler_follows_its_formula(recorded):
    pooler = recorded.fill(build("Seq2VecEncoder", {"type": "attention", "embedding_dim": 4, "attention_dim": 3}))
    vectors = recorded.wave(1, 5, 4)
    weights = pooler.state_dict()
    scores = [
        weights["_query.weight"][0] @ torch.tanh(weights["_hidden.weight"] @ v + weights["_hidden.bias"])
        for v in vectors[0, :3]
    ]
    shares = torch.stack(scores).exp() / torch.stack(scores).exp().sum()
    expected = sum(share * vector for share, vector in zip(shares, vectors[0, :3], strict=True))
    assert torch.allclose(pooler(vectors, recorded.mask_of([3], 5))[0], expected, atol=1e-6)


def test_cnn_answers_zero_where_the_text_is_shorter_than_a_filter(recorded):
    encoder = recorded.fill(build("Seq2VecEncoder", {"type": "cnn", "embedding_dim": 4, "num_filters": 2}))
    short = encoder(recorded.wave(1, 2, 4))
    assert short[0, :2].any()
    assert not short[0, 2:].any()


def test_bert_pooler_is_the_pooler_of_the_transformer(tmp_path, recorded):
    from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

    size = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 9}
    bert = BertModel(BertConfig(**size)).eval()
    bert.save_pretrained(tmp_path / "bert")
    config = {"type": "bert_pooler", "pretrained_model": str(tmp_path / "bert"), "dropout": 0.5}
    encoder = build("Seq2VecEncoder", config).eval()
    vectors = recorded.wave(2, 3, 8)
    assert torch.equal(encoder(vectors, None), bert.pooler(vectors))
    assert sorted(encoder.state_dict()) == ["pooler.dense.bias", "pooler.dense.weight"]
    wrapped = encoder(vectors.unsqueeze(1), None, num_wrapping_dims=1)
    assert torch.equal(wrapped, bert.pooler(vectors).unsqueeze(1))
    assert all(each.requires_grad for each in encoder.parameters())
    frozen = build("Seq2VecEncoder", {**config, "requires_grad": False})
    assert not any(each.requires_grad for each in frozen.parameters())
    DistilBertModel(DistilBertConfig(dim=8, n_layers=1, n_heads=2, hidden_dim=8, vocab_size=9)).save_pretrained(
        tmp_path / "d"
    )
    with pytest.raises(ConfigurationError, match="has no pooling layer, only embeddings, transformer"):
        build("Seq2VecEncoder", {**config, "pretrained_model": str(tmp_path / "d")})


@pytest.mark.parametrize(
    ("base", "config", "message"),
    [
        ("Seq2SeqEncoder", {"type": "compose", "encoders": []}, "expected at least one"),
        (
            "Seq2SeqEncoder",
            {"type": "compose", "encoders": [{"type": "lstm", **RNN}, {"type": "gru", **RNN}]},
            "encoders.1: takes vectors of 4; expected 6",
        ),
        (
            "Seq2SeqEncoder",
            {"type": "compose", "encoders": [{"type": "pass_through", "input_dim": 4}, {"type": "lstm", **RNN}]},
            "directions one, both",
        ),
        ("Seq2SeqEncoder", {**TRANSFORMER, "positional_encoding": "sinus"}, "sinus"),
        (
            "Seq2VecEncoder",
            {"type": "mean", "embedding_dim": 4, "num_special_tokens": [1, -1]},
            r"num_special_tokens\.1: got -1",
        ),
        ("Seq2VecEncoder", {"type": "cnm", "embedding_dim": 4, "num_filters": 2}, "cnm"),
        ("Seq2VecEncoder", {"type": "lstm", **RNN, "stateful": True}, "stateful"),
    ],
)
def test_wrong_configuration_is_named(base, config, message):
    with pytest.raises(ConfigurationError, match=message):
        build(base, config)


def test_last_token_without_a_mask_is_an_error(recorded):
    pooler = build("Seq2VecEncoder", {"type": "cls_pooler", "embedding_dim": 4, "cls_is_last_token": True})
    with pytest.raises(ValueError, match="got no mask"):
        pooler(recorded.wave(1, 2, 4))


def test_more_positions_than_learned_is_an_error(recorded):
    config = {**TRANSFORMER, "positional_encoding": "embedding", "positional_embedding_size": 3}
    with pytest.raises(ValueError, match="got 4 positions; expected at most positional_embedding_size=3"):
        build("Seq2SeqEncoder", config)(recorded.wave(1, 4, 4))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_dims": [5, 3, 2]}, "hidden_dims: got 3 values; expected one, or one for each of 2 layers"),
        ({"activations": ["relu"]}, "activations: got 1"),
        ({"dropout": [0.1]}, "dropout: got 1"),
        ({"num_layers": 0}, "num_layers: got 0"),
    ],
)
def test_feedforward_wants_one_value_a_layer(change, message):
    with pytest.raises(ConfigurationError, match=message):
        FeedForward.from_params(Params({**DENSE, **change}))
