"""Record what AllenNLP 2.10.1 gives for every schedule and optimizer below.

python record_schedules.py      with a Python that has AllenNLP 2.10.1; writes recorded_schedules.json
"""

import json
from pathlib import Path

import torch
from allennlp.common import Params
from allennlp.training.learning_rate_schedulers import LearningRateScheduler
from allennlp.training.momentum_schedulers import MomentumScheduler
from allennlp.training.optimizers import Optimizer

NUM_EPOCHS = 8
STEPS_PER_EPOCH = 5
LEARNING_RATES = (0.1, 0.003)
MOMENTUM = 0.9
METRICS = (0.1, 0.3, 0.2, 0.25, 0.1, 0.5, 0.5, 0.4)  # one validation metric an epoch

LEARNING_RATE_SCHEDULES = [
    {"type": "constant"},
    {"type": "constant_with_warmup", "num_warmup_steps": 3},
    {"type": "cosine_with_warmup", "num_warmup_steps": 2, "num_training_steps": 7},
    {"type": "cosine_with_warmup", "num_warmup_steps": 2, "num_training_steps": 7, "num_cycles": 1.5},
    {"type": "cosine_hard_restarts_with_warmup", "num_warmup_steps": 1, "num_training_steps": 8, "num_cycles": 2},
    {"type": "step", "step_size": 3},
    {"type": "step", "step_size": 2, "gamma": 0.5},
    {"type": "multi_step", "milestones": [2, 3, 6], "gamma": 0.3},
    {"type": "exponential"},
    {"type": "exponential", "gamma": 0.7},
    {"type": "reduce_on_plateau", "patience": 0, "factor": 0.4},
    {"type": "reduce_on_plateau", "mode": "max", "patience": 1, "min_lr": 1e-3, "cooldown": 1},
    {"type": "reduce_on_plateau", "mode": "max", "threshold_mode": "abs", "threshold": 0.3, "patience": 1},
    {"type": "cosine", "t_initial": 3},
    {"type": "cosine", "t_initial": 2, "t_mul": 1.5, "eta_min": 1e-4, "eta_mul": 0.8},
    {"type": "noam", "model_size": 512, "warmup_steps": 7},
    {"type": "noam", "model_size": 32, "warmup_steps": 20, "factor": 0.5},
    {"type": "polynomial_decay"},
    {"type": "polynomial_decay", "power": 2, "warmup_steps": 6, "end_learning_rate": 1e-5},
    {"type": "linear_with_warmup", "warmup_steps": 12},
    {"type": "linear_with_warmup"},
    {"type": "slanted_triangular"},
    {"type": "slanted_triangular", "cut_frac": 0.4, "ratio": 8, "num_epochs": 6},
    {
        "type": "combined",
        "schedulers": [
            [3, {"type": "polynomial_decay", "warmup_steps": 4, "power": 2, "end_learning_rate": 1e-3}],
            [2, {"type": "cosine", "t_initial": 2}],
            [2, {"type": "noam", "model_size": 16, "warmup_steps": 2, "factor": 0.1}],
        ],
    },
    {"type": "combined", "schedulers": [[2, {"type": "step", "step_size": 1}], [4, "constant"]]},
]

# These treat the groups as layers: two layers and an empty group for the rest.
LAYERED_SCHEDULES = [
    {"type": "slanted_triangular", "gradual_unfreezing": True},
    {"type": "slanted_triangular", "discriminative_fine_tuning": True, "decay_factor": 0.5},
    {"type": "slanted_triangular", "gradual_unfreezing": True, "discriminative_fine_tuning": True, "cut_frac": 0.3},
]

MOMENTUM_SCHEDULES = [
    {"type": "inverted_triangular", "cool_down": 2, "warm_up": 3},
    {"type": "inverted_triangular", "cool_down": 3, "warm_up": 2, "ratio": 4},
]

OPTIMIZERS = [
    {"type": "adam"},
    {"type": "adam", "lr": 0.01, "betas": [0.8, 0.95], "weight_decay": 0.1, "amsgrad": True},
    {"type": "adamw"},
    {"type": "adamw", "lr": 0.02, "weight_decay": 0.3},
    {"type": "huggingface_adamw"},
    {"type": "huggingface_adamw", "lr": 0.02, "weight_decay": 0.3, "eps": 1e-3},
    {"type": "huggingface_adamw", "lr": 0.02, "correct_bias": False, "eps": 1e-3},
    {
        "type": "huggingface_adamw",
        "lr": 0.02,
        "weight_decay": 0.3,
        "parameter_groups": [[["bias", "norm.weight"], {"weight_decay": 0.0, "lr": 0.05}]],
    },
    {"type": "huggingface_adafactor"},
    {"type": "huggingface_adafactor", "lr": 0.01, "relative_step": False, "scale_parameter": False, "beta1": 0.5},
    {"type": "adamax", "weight_decay": 0.1},
    {"type": "adagrad", "lr_decay": 0.1},
    {"type": "adadelta"},
    {"type": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    {"type": "rmsprop", "momentum": 0.5, "centered": True},
    {"type": "averaged_sgd", "t0": 2},
    {
        "type": "multi",
        "optimizers": {"default": {"type": "sgd", "lr": 0.1}, "norms": {"type": "adam", "lr": 0.05}},
        "parameter_groups": [[["norm"], {"optimizer_name": "norms", "lr": 0.01}]],
    },
]


def parameter(values):
    return torch.nn.Parameter(torch.tensor(values))


def make_optimizer(layered):
    groups = [{"params": [parameter([1.0])], "lr": rate} for rate in LEARNING_RATES]
    if layered:
        groups.append({"params": [], "lr": 0.01})
    return torch.optim.SGD(groups, lr=0.1, momentum=MOMENTUM)


def run_schedule(base, block, option, layered=False):
    optimizer = make_optimizer(layered)
    extras = {"num_epochs": NUM_EPOCHS, "num_steps_per_epoch": STEPS_PER_EPOCH}
    if base is MomentumScheduler:
        extras = {}
    extras = {key: value for key, value in extras.items() if key not in block}
    scheduler = base.from_params(Params(json.loads(json.dumps(block))), optimizer=optimizer, **extras)
    values, step = [], 0
    for epoch in range(NUM_EPOCHS):
        for _ in range(STEPS_PER_EPOCH):
            step += 1
            scheduler.step_batch(step)
            values.append([float(group[option]) for group in optimizer.param_groups])
            optimizer.step()
        scheduler.step(METRICS[epoch])
    return {"block": block, "values": values}


def run_optimizer(block):
    named = [
        ("linear.weight", parameter([[0.5, -1.0], [2.0, 0.1]])),
        ("linear.bias", parameter([0.3, -0.2])),
        ("norm.weight", parameter([1.0, 1.5])),
    ]
    optimizer = Optimizer.from_params(Params(json.loads(json.dumps(block))), model_parameters=named)
    for step in range(1, 7):
        optimizer.zero_grad()
        for index, (_, each) in enumerate(named):
            # The last parameter has no gradient in the first two steps.
            if index < 2 or step > 2:
                each.grad = torch.sin(step * each.detach() + index) * 0.1
        optimizer.step()
    return {"block": block, "values": {name: each.detach().tolist() for name, each in named}}


def main():
    records = {
        "steps_per_epoch": STEPS_PER_EPOCH,
        "learning_rates": LEARNING_RATES,
        "initial_momentum": MOMENTUM,
        "metrics": METRICS,
        "learning_rate": [run_schedule(LearningRateScheduler, block, "lr") for block in LEARNING_RATE_SCHEDULES],
        "layered": [run_schedule(LearningRateScheduler, block, "lr", layered=True) for block in LAYERED_SCHEDULES],
        "momentum": [run_schedule(MomentumScheduler, block, "momentum") for block in MOMENTUM_SCHEDULES],
        "optimizers": [run_optimizer(block) for block in OPTIMIZERS],
    }
    Path(__file__).with_name("recorded_schedules.json").write_text(json.dumps(records, indent=0) + "\n")


if __name__ == "__main__":
    main()
