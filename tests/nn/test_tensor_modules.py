"""Activations, losses, masks, initializers and regularizers against AllenNLP's and against plain formulas."""

import io
import json
import tarfile
from pathlib import Path

import pytest
import torch

from foldformer.config import ConfigurationError, Params
from foldformer.nn import (
    Activation,
    FeedForward,
    Initializer,
    InitializerApplicator,
    RegularizerApplicator,
    TimeDistributed,
    get_text_field_mask,
    get_token_ids_from_text_field_tensors,
    sequence_cross_entropy_with_logits,
)

RECORDS = json.loads(Path(__file__).with_name("recorded.json").read_text())


@pytest.mark.parametrize("name", RECORDS["activations"]["y"])
def test_activation_gives_what_allennlp_gives(name, recorded):
    function = Activation.from_params(Params({"type": name}))
    recorded.check_equal(function(torch.tensor(RECORDS["activations"]["x"])), RECORDS["activations"]["y"][name])


def test_activations_take_their_parameters():
    steep = Activation.from_params(Params({"type": "leaky_relu", "negative_slope": 0.5}))
    assert steep(torch.tensor(-2.0)).item() == -1.0
    threshold = Activation.from_params(Params({"type": "threshold", "threshold": 1.0, "value": 7.0}))
    assert threshold(torch.tensor([0.5, 2.0])).tolist() == [7.0, 2.0]


@pytest.mark.parametrize(
    "record", RECORDS["losses"], ids=lambda r: f"{r['average']}-{r['lengths']}-{r['label_smoothing']}"
)
def test_sequence_cross_entropy_is_that_of_allennlp(record, recorded):
    logits, targets = recorded.wave(3, 4, 5), torch.arange(12).view(3, 4) % 5
    settings = {"average": record["average"], "label_smoothing": record["label_smoothing"]}
    loss = sequence_cross_entropy_with_logits(logits, targets, recorded.mask_of(record["lengths"], 4), **settings)
    recorded.check_equal(loss, record["loss"])


def test_sequence_cross_entropy_ignores_what_is_padded(recorded):
    logits, targets = recorded.wave(2, 3, 4), torch.tensor([[1, 2, 0], [3, 0, 0]])
    mask = recorded.mask_of([3, 1], 3)
    noisy = torch.where(mask.unsqueeze(-1), logits, torch.inf).requires_grad_()
    loss = sequence_cross_entropy_with_logits(noisy, targets, mask)
    assert torch.allclose(loss, sequence_cross_entropy_with_logits(logits, targets, mask))
    with pytest.raises(ValueError, match="got 'sum'"):
        sequence_cross_entropy_with_logits(logits, targets, mask, average="sum")
    assert sequence_cross_entropy_with_logits(logits, targets, torch.zeros(2, 3)).item() == 0.0


@pytest.mark.parametrize("record", RECORDS["initializers"], ids=["feedforward", "lstm"])
def test_initializers_fill_the_parameters_that_allennlp_fills(record, recorded):
    is_lstm = "weight_hh_l0" in record["values"]
    module = recorded.fill(torch.nn.LSTM(2, 3) if is_lstm else FeedForward(3, 3, [4, 4, 2], torch.nn.ReLU()))
    InitializerApplicator.from_params(Params(record["config"]))(module)
    recorded.check_equal(module.state_dict(), record["values"])


RANDOM = {
    "normal": ({"mean": 3.0, "std": 0.1}, lambda x: abs(x.mean() - 3) < 0.02 and abs(x.std() - 0.1) < 0.02),
    "uniform": ({"a": 2.0, "b": 3.0}, lambda x: x.min() >= 2 and x.max() <= 3 and abs(x.mean() - 2.5) < 0.05),
    "orthogonal": ({"gain": 2.0}, lambda x: torch.allclose(x @ x.T, 4 * torch.eye(32), atol=1e-4)),
    "xavier_uniform": ({"gain": 2.0}, lambda x: 0.55 < x.max() <= 2 * (6 / 64) ** 0.5),
    "xavier_normal": ({}, lambda x: abs(x.std() - (2 / 64) ** 0.5) < 0.02),
    "kaiming_uniform": ({"mode": "fan_out", "nonlinearity": "relu"}, lambda x: 0.4 < x.max() <= (6 / 32) ** 0.5),
    "kaiming_normal": ({"nonlinearity": "linear"}, lambda x: abs(x.std() - (1 / 32) ** 0.5) < 0.02),
    "sparse": ({"sparsity": 0.25, "std": 1.0}, lambda x: ((x == 0).sum(0) == 8).all()),
    "eye": ({}, lambda x: torch.equal(x, torch.eye(32))),
    "zero": ({}, lambda x: not x.any()),
    "constant": ({"val": 0.25}, lambda x: (x == 0.25).all()),
    "uniform_unit_scaling": ({"nonlinearity": "tanh"}, lambda x: 0.45 < x.max() <= 5 / 3 * (3 / 32) ** 0.5),
    "block_orthogonal": (
        {"split_sizes": [16, 8]},
        lambda x: torch.allclose(x[16:, 8:16].T @ x[16:, 8:16], torch.eye(8), atol=1e-4) and abs(x[0, 0]) < 1,
    ),
}


@pytest.mark.parametrize("name", RANDOM)
def test_initializer_draws_from_its_distribution(name):
    torch.manual_seed(1)
    settings, holds = RANDOM[name]
    parameter = torch.nn.Parameter(torch.full((32, 32), 77.0))
    Initializer.from_params(Params({"type": name, **settings}))(parameter, parameter_name="w")
    assert holds(parameter.detach())


def test_dirac_initializer_hands_the_input_on():
    convolution = torch.nn.Conv1d(2, 2, 3, padding=1, bias=False)
    InitializerApplicator.from_params(Params({"regexes": [["weight", "dirac"]]}))(convolution)
    signal = torch.randn(1, 2, 5)
    assert torch.equal(convolution(signal), signal)


def test_blocks_that_do_not_fit_are_an_error():
    initializer = Initializer.from_params(Params({"type": "block_orthogonal", "split_sizes": [3, 2]}))
    with pytest.raises(ConfigurationError, match=r"got \[3, 2\] for a parameter of shape \(4, 4\)"):
        initializer(torch.nn.Parameter(torch.zeros(4, 4)))


def save_archive(path, weights):
    buffer = io.BytesIO()
    torch.save(weights, buffer)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in (("config.json", b"{}"), ("weights.th", buffer.getvalue())):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("name", ["weights.th", "model.tar.gz", "weights.safetensors"])
def test_pretrained_initializer_copies_by_name(name, tmp_path):
    from safetensors.torch import save_file

    weights = {"weight": torch.arange(6.0).view(2, 3), "other": torch.tensor([5.0, 6.0])}
    file = tmp_path / name
    {"weights.th": torch.save, "model.tar.gz": lambda w, f: save_archive(f, w), "weights.safetensors": save_file}[name](
        weights, file
    )
    config = {"type": "pretrained", "weights_file_path": str(file), "parameter_name_overrides": {"bias": "other"}}
    linear = torch.nn.Linear(3, 2)
    InitializerApplicator.from_params(Params({"regexes": [[".*", config]]}))(linear)
    assert linear.weight.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert linear.bias.tolist() == [5, 6]
    with pytest.raises(ConfigurationError, match=r"shape \(2, 3\); expected \(4, 3\)"):
        InitializerApplicator.from_params(Params({"regexes": [["weight", config]]}))(torch.nn.Linear(3, 4))
    with pytest.raises(ConfigurationError, match='has no "wieght"; it has other, weight; did you mean "weight"'):
        Initializer.from_params(Params(config))(torch.nn.Parameter(torch.zeros(2)), parameter_name="wieght")


def test_pretrained_initializer_says_which_file_is_missing():
    with pytest.raises(ConfigurationError, match=r"weights_file_path.*gone\.th"):
        Initializer.from_params(Params({"type": "pretrained", "weights_file_path": "gone.th"}))


def test_expression_that_matches_nothing_is_a_warning(caplog):
    with caplog.at_level("WARNING"):
        InitializerApplicator.from_params(Params({"regexes": [["wieght", "zero"]]}))(torch.nn.Linear(1, 1))
    assert "'wieght'" in caplog.text


@pytest.mark.parametrize("applicator", [InitializerApplicator, RegularizerApplicator])
def test_unreadable_expression_is_an_error(applicator):
    kind = "zero" if applicator is InitializerApplicator else "l2"
    with pytest.raises(ConfigurationError, match=r'regexes.0.0: got "\(weight"; expected a regular expression'):
        applicator.from_params(Params({"regexes": [["(weight", kind]]}))


@pytest.mark.parametrize("record", RECORDS["regularizers"])
def test_penalty_is_that_of_allennlp(record, recorded):
    module = recorded.fill(FeedForward(3, 2, [4, 2], torch.nn.ReLU()))
    module._linear_layers[0].bias.requires_grad_(False)
    penalty = RegularizerApplicator.from_params(Params(record["config"]))(module)
    recorded.check_equal(penalty, record["penalty"])
    penalty.backward()
    assert module._linear_layers[1].weight.grad.any()


def test_penalty_of_nothing_is_zero():
    assert RegularizerApplicator()(torch.nn.Linear(1, 1)).item() == 0.0


def test_time_distributed_applies_the_module_to_each_step():
    class Scaled(torch.nn.Module):
        def forward(self, values, factor, power):
            return values**power, (values * factor).sum(-1)

    values, factor = torch.randn(2, 3, 4), torch.randn(2, 3, 4)
    squares, sums = TimeDistributed(Scaled())(values, factor=factor, power=2)
    assert torch.equal(squares, values**2)
    assert torch.equal(sums, (values * factor).sum(-1))
    table = torch.randn(2, 3, 4)
    shared = TimeDistributed(torch.nn.Bilinear(4, 1, 1))
    assert shared(table, torch.ones(2, 3, 1)).shape == (2, 3, 1)
    with pytest.raises(ValueError, match=r"got shape \(2, 3\)"):
        TimeDistributed(torch.nn.ReLU())(torch.zeros(2, 3))
    with pytest.raises(ValueError, match="got no tensor"):
        TimeDistributed(torch.nn.ReLU())()


def test_text_field_mask_comes_from_the_indexer_or_from_padding():
    ids, letters = torch.tensor([[3, 1, 0]]), torch.tensor([[[1, 2], [0, 4], [0, 0]]])
    assert get_text_field_mask({"a": {"tokens": ids, "mask": torch.tensor([[1, 0, 1]])}}).tolist() == [
        [True, False, True]
    ]
    assert get_text_field_mask({"a": {"tokens": ids}}).tolist() == [[True, True, False]]
    assert get_text_field_mask({"a": {"token_characters": letters}}).tolist() == [[True, True, False]]
    assert get_text_field_mask({"a": {"tokens": ids.unsqueeze(1)}}, 1).tolist() == [[[True, True, False]]]
    assert get_text_field_mask({"a": {"tokens": ids}}, padding_id=3).tolist() == [[False, True, True]]
    with pytest.raises(ValueError, match="a mask from each of a, b"):
        get_text_field_mask({"a": {"mask": ids}, "b": {"mask": ids}})
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        get_text_field_mask({"a": {"tokens": ids[0]}})
    with pytest.raises(ValueError, match="got no tensor"):
        get_text_field_mask({})


def test_token_ids_are_found_by_name():
    ids = torch.tensor([[3, 1]])
    assert get_token_ids_from_text_field_tensors({"a": {"mask": ids}, "b": {"token_ids": ids + 1}}).tolist() == [[4, 2]]
    with pytest.raises(ValueError, match=r"got tensors a\.mask; expected one called tokens or token_ids"):
        get_token_ids_from_text_field_tensors({"a": {"mask": ids}})
