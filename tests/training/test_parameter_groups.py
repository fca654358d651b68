import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.training.optimizers import Optimizer, make_parameter_groups


@pytest.fixture
def named():
    names = ("encoder.layer.0.weight", "encoder.layer.1.weight", "encoder.layer.1.bias", "head.weight")
    return [(name, torch.nn.Parameter(torch.ones(2))) for name in names]


def owners(groups, named):
    names = {id(parameter): name for name, parameter in named}
    return [[names[id(parameter)] for parameter in group["params"]] for group in groups]


def test_parameters_go_where_an_expression_is_found_and_the_rest_comes_last(named):
    groups = make_parameter_groups(named, [(["^head"], {"lr": 0.5}), (["bias", r"layer\.0"], {"lr": 0.1})])
    assert owners(groups, named) == [
        ["head.weight"],
        ["encoder.layer.0.weight", "encoder.layer.1.bias"],
        ["encoder.layer.1.weight"],
    ]
    assert [group.get("lr") for group in groups] == [0.5, 0.1, None]


def test_group_of_the_rest_is_there_even_when_empty(named):
    groups = make_parameter_groups(named, [(["encoder"], {}), (["head"], {})])
    assert owners(groups, named)[-1] == []


def test_without_groups_all_parameters_are_given_as_they_are(named):
    assert [id(parameter) for parameter in make_parameter_groups(named)] == [id(parameter) for _, parameter in named]


def test_group_without_gradient_is_frozen_and_left_out(named):
    groups = make_parameter_groups(named, [(["encoder"], {"requires_grad": False})])
    assert owners(groups, named) == [["head.weight"]]
    assert [parameter.requires_grad for _, parameter in named] == [False, False, False, True]


def test_parameter_in_two_groups_is_refused(named):
    with pytest.raises(ConfigurationError, match=r"encoder\.layer\.1\.bias matches .layer. and.*.bias."):
        make_parameter_groups(named, [(["layer"], {}), (["bias"], {})])


def test_parameter_that_two_expressions_of_one_group_find_is_there_once(named):
    groups = make_parameter_groups(named, [(["layer", "bias"], {})])
    assert len(owners(groups, named)[0]) == 3


def test_malformed_expression_is_refused_with_its_place(named):
    with pytest.raises(ConfigurationError, match=r"parameter_groups\.1: got \"\(oops\""):
        make_parameter_groups(named, [(["head"], {}), (["(oops"], {})])


def test_expression_that_finds_nothing_is_named_in_a_warning(named, caplog):
    make_parameter_groups(named, [(["haed"], {})])
    assert '"haed" matches the name of no parameter' in caplog.text


def test_misspelt_option_of_a_group_is_refused_with_the_nearest(named):
    block = {"type": "huggingface_adamw", "parameter_groups": [[["head"], {"weigth_decay": 0}]]}
    with pytest.raises(ConfigurationError, match=r"weigth_decay.*did you mean .weight_decay"):
        Optimizer.from_params(block, model_parameters=named)


def test_schedule_over_several_optimizers_reaches_each(named):
    block = {
        "type": "multi",
        "optimizers": {"default": {"type": "sgd", "lr": 1.0}, "head": {"type": "sgd", "lr": 0.1}},
        "parameter_groups": [[["head"], {"optimizer_name": "head"}]],
    }
    optimizer = Optimizer.from_params(block, model_parameters=named)
    for group in optimizer.param_groups:
        group["lr"] *= 0.5
    for _, parameter in named:
        parameter.grad = torch.ones(2)
    optimizer.step()
    assert [parameter[0].item() for _, parameter in named] == pytest.approx([0.5, 0.5, 0.5, 0.95])


def test_several_optimizers_need_one_for_the_rest(named):
    block = {"type": "multi", "optimizers": {"head": "adam"}, "parameter_groups": []}
    with pytest.raises(ConfigurationError, match='expected one named "default"'):
        Optimizer.from_params(block, model_parameters=named)


def test_group_of_an_unknown_optimizer_is_refused(named):
    block = {"type": "multi", "optimizers": {"default": "adam"}, "parameter_groups": [[["x"], {"optimizer_name": "y"}]]}
    with pytest.raises(ConfigurationError, match=r"parameter_groups\.0\.optimizer_name: got \"y\""):
        Optimizer.from_params(block, model_parameters=named)


def test_optimizer_without_parameters_is_refused(named):
    optimizers = {"default": "adam", "spare": "adam"}
    block = {"type": "multi", "optimizers": optimizers, "parameter_groups": []}
    with pytest.raises(ConfigurationError, match=r"optimizers\.spare: got no parameters"):
        Optimizer.from_params(block, model_parameters=named)


def test_huggingface_adamw_has_defaults_of_its_own(named):
    optimizer = Optimizer.from_params("huggingface_adamw", model_parameters=named)
    expected = {"lr": 1e-5, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "correct_bias": True}
    assert optimizer.defaults == expected
