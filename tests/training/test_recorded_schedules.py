"""Learning rates, momentum and optimizer steps against the figures that `record_schedules.py` recorded."""

import json
from pathlib import Path

import pytest
import torch

from foldformer.training.learning_rate_schedulers import LearningRateScheduler
from foldformer.training.momentum_schedulers import MomentumScheduler
from foldformer.training.optimizers import Optimizer

RECORDS = json.loads(Path(__file__).with_name("recorded_schedules.json").read_text())
METRICS = RECORDS["metrics"]
STEPS = RECORDS["steps_per_epoch"]


def as_name(value):
    return json.dumps(value["block"]) if isinstance(value, dict) else None


def flat(rows):
    return [value for row in rows for value in row]


def sgd(layered=False):
    groups = [{"params": [torch.nn.Parameter(torch.ones(1))], "lr": rate} for rate in RECORDS["learning_rates"]]
    if layered:
        groups.append({"params": [], "lr": 0.01})
    return torch.optim.SGD(groups, lr=0.1, momentum=RECORDS["initial_momentum"])


def make(base, block, optimizer):
    extras = {"num_epochs": len(METRICS), "num_steps_per_epoch": STEPS}
    return base.from_params(
        block, optimizer=optimizer, **{key: value for key, value in extras.items() if key not in block}
    )


def run(base, block, option, layered=False, resume_at=None):
    optimizer = sgd(layered)
    scheduler = make(base, block, optimizer)
    values, step = [], 0
    for epoch, metric in enumerate(METRICS):
        if epoch == resume_at:
            optimizer, scheduler = resumed(base, block, optimizer, scheduler, layered)
        for _ in range(STEPS):
            step += 1
            scheduler.step_batch(step)
            values.append([float(group[option]) for group in optimizer.param_groups])
            optimizer.step()
        scheduler.step(metric)
    return values


def resumed(base, block, optimizer, scheduler, layered):
    saved_optimizer, saved_scheduler = optimizer.state_dict(), scheduler.state_dict()
    optimizer = sgd(layered)
    scheduler = make(base, block, optimizer)
    optimizer.load_state_dict(saved_optimizer)
    scheduler.load_state_dict(saved_scheduler)
    optimizer.step()  # torch's schedules warn where no step came before them
    return optimizer, scheduler


@pytest.mark.parametrize("record", RECORDS["learning_rate"], ids=as_name)
def test_learning_rate_is_the_recorded_one_at_every_step(record):
    values = run(LearningRateScheduler, record["block"], "lr")
    # Equal, but for the last bit of a cosine, which differs between mathematical libraries.
    assert flat(values) == pytest.approx(flat(record["values"]), rel=1e-15, abs=0)


@pytest.mark.parametrize("record", RECORDS["layered"], ids=as_name)
def test_layered_learning_rate_is_the_recorded_one_at_every_step(record):
    assert run(LearningRateScheduler, record["block"], "lr", layered=True) == record["values"]


@pytest.mark.parametrize("record", RECORDS["momentum"], ids=as_name)
def test_momentum_is_the_recorded_one_at_every_step(record):
    assert run(MomentumScheduler, record["block"], "momentum") == record["values"]


@pytest.mark.parametrize("epoch", [1, 4])
@pytest.mark.parametrize("record", RECORDS["learning_rate"], ids=as_name)
def test_schedule_goes_on_from_its_state_as_if_never_interrupted(record, epoch):
    values = run(LearningRateScheduler, record["block"], "lr", resume_at=epoch)
    assert values == run(LearningRateScheduler, record["block"], "lr")


def parameters():
    return [
        ("linear.weight", torch.nn.Parameter(torch.tensor([[0.5, -1.0], [2.0, 0.1]]))),
        ("linear.bias", torch.nn.Parameter(torch.tensor([0.3, -0.2]))),
        ("norm.weight", torch.nn.Parameter(torch.tensor([1.0, 1.5]))),
    ]


def take_steps(optimizer, named, steps):
    for step in steps:
        optimizer.zero_grad()
        for index, (_, parameter) in enumerate(named):
            if index < 2 or step > 2:
                parameter.grad = torch.sin(step * parameter.detach() + index) * 0.1
        optimizer.step()


@pytest.mark.parametrize("record", RECORDS["optimizers"], ids=as_name)
def test_optimizer_moves_parameters_as_recorded(record):
    named = parameters()
    take_steps(Optimizer.from_params(record["block"], model_parameters=named), named, range(1, 7))
    for name, parameter in named:
        # Float32 arithmetic in another order: a few units in the last place.
        torch.testing.assert_close(parameter.detach(), torch.tensor(record["values"][name]), rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("record", RECORDS["optimizers"], ids=as_name)
def test_optimizer_goes_on_from_its_state_as_if_never_interrupted(record):
    named = parameters()
    optimizer = Optimizer.from_params(record["block"], model_parameters=named)
    take_steps(optimizer, named, range(1, 4))
    state = optimizer.state_dict()
    again = Optimizer.from_params(record["block"], model_parameters=named)
    again.load_state_dict(state)
    take_steps(again, named, range(4, 7))
    for name, parameter in named:
        torch.testing.assert_close(parameter.detach(), torch.tensor(record["values"][name]), rtol=2e-6, atol=1e-7)
