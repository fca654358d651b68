"""Training equals a loop in plain PyTorch that shares no code with it: losses, weights, and when it stops."""

import json
import math
from dataclasses import dataclass, field

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from foldformer.data import Instance, TensorField
from foldformer.data.data_loaders import SimpleDataLoader
from foldformer.models import Model
from foldformer.nn import RegularizerApplicator
from foldformer.nn.regularizers import L2Regularizer
from foldformer.text import Vocabulary
from foldformer.training import GradientDescentTrainer, TrainerCallback

# float32, and sums in the same order: what differs is rounding in the last digits.
TOLERANCE = {"rtol": 1e-6, "atol": 1e-6}
NUM_TRAINING, NUM_VALIDATION, BATCH_SIZE, EPOCHS, LR = 10, 6, 4, 4, 0.1


class Network(Model):
    """Two layers, and the squared error as loss; `penalty` times the squares of the weights is added in training."""

    def __init__(self, penalty=None):
        regularizer = penalty and RegularizerApplicator([("weight", L2Regularizer(penalty))])
        super().__init__(Vocabulary(), regularizer=regularizer)
        torch.manual_seed(5)
        self.first, self.second = nn.Linear(4, 3), nn.Linear(3, 1)

    def forward(self, x, y):
        return {"loss": squared_error(torch.tanh(self.first(x)) @ self.second.weight.T + self.second.bias, y)}


def squared_error(found, expected):
    return ((found - expected) ** 2).mean()


@dataclass
class Recipe:
    """What both are told. `rate` gives the learning rate of an epoch, from 0, and of a step, from 1."""

    optimizer: str = "sgd"
    epochs: int = EPOCHS
    accumulate: int = 1
    norm: float | None = None
    size: float | None = None
    rate: object = staticmethod(lambda epoch, step: LR)
    schedule: dict | None = None
    decay: float | None = None
    patience: int | None = None
    frozen: str | None = None
    penalty: float | None = None
    noise: float = 0.5
    lr: float = LR


def data(recipe):
    """Inputs and targets to train and to validate; with much noise, validation becomes worse early."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(NUM_TRAINING + NUM_VALIDATION, 4, generator=generator)
    y = x[:, :1] - x[:, 1:2] + recipe.noise * torch.randn(len(x), 1, generator=generator)
    return (x[:NUM_TRAINING], y[:NUM_TRAINING]), (x[NUM_TRAINING:], y[NUM_TRAINING:])


def batches(x, y):
    return list(zip(x.split(BATCH_SIZE), y.split(BATCH_SIZE), strict=True))


@dataclass
class Outcome:
    training: list
    validation: list
    last: dict
    best: dict
    best_epoch: int
    norms: list = field(default_factory=list)


def plain_loop(recipe):
    """Train as a user would write it down, with nothing of the library but the network's formula and first weights."""
    start = Network()
    weights = {name: value.detach().clone() for name, value in start.named_parameters()}
    trained = [name for name in weights if recipe.frozen is None or not name.startswith(recipe.frozen)]
    for name in trained:
        weights[name].requires_grad_(True)
    averages = {name: weights[name].detach().clone() for name in trained}
    parameters = [weights[name] for name in trained]
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[recipe.optimizer]
    optimizer = kind(parameters, lr=recipe.lr)
    training_data, validation_data = data(recipe)

    def loss_of(values, x, y):
        hidden = torch.tanh(x @ values["first.weight"].T + values["first.bias"])
        return squared_error(hidden @ values["second.weight"].T + values["second.bias"], y)

    outcome, step, best_loss, waited = Outcome([], [], {}, {}, -1), 0, math.inf, 0
    for epoch in range(recipe.epochs):
        group_losses, every = [], batches(*training_data)
        for first in range(0, len(every), recipe.accumulate):
            group, step = every[first : first + recipe.accumulate], step + 1
            optimizer.zero_grad()
            loss = sum(loss_of(weights, x, y) for x, y in group) / len(group)
            if recipe.penalty is not None:
                loss = loss + recipe.penalty * sum((weights[name] ** 2).sum() for name in trained if "weight" in name)
            loss.backward()
            group_losses.append(loss.item())
            total = math.sqrt(sum(float((each.grad**2).sum()) for each in parameters))
            outcome.norms.append(total)
            if recipe.norm is not None:
                for each in parameters:
                    each.grad *= min(1.0, recipe.norm / (total + 1e-6))
            if recipe.size is not None:
                for each in parameters:
                    each.grad.clamp_(-recipe.size, recipe.size)
            for group_of_parameters in optimizer.param_groups:
                group_of_parameters["lr"] = recipe.rate(epoch, step)
            optimizer.step()
            if recipe.decay is not None:
                share = min(recipe.decay, (1 + step) / (10 + step))
                for name in trained:
                    averages[name] = share * averages[name] + (1 - share) * weights[name].detach()
        used = {name: value.detach() for name, value in weights.items()}
        if recipe.decay is not None:
            used = {**used, **averages}
        losses = [loss_of(used, x, y).item() for x, y in batches(*validation_data)]
        outcome.training.append(sum(group_losses) / len(group_losses))
        outcome.validation.append(sum(losses) / len(losses))
        waited += 1
        if outcome.validation[-1] < best_loss:
            best_loss, waited, outcome.best_epoch = outcome.validation[-1], 0, epoch
            outcome.best = {name: value.clone() for name, value in used.items()}
        if recipe.patience is not None and waited >= recipe.patience:
            break
    outcome.last = {name: value.detach() for name, value in weights.items()}
    return outcome


def loader(x, y):
    instances = [Instance({"x": TensorField(one), "y": TensorField(other)}) for one, other in zip(x, y, strict=True)]
    return SimpleDataLoader(instances, BATCH_SIZE, vocab=Vocabulary())


def build(recipe, folder, **more):
    training_data, validation_data = data(recipe)
    keys = {
        "optimizer": {"type": recipe.optimizer, "lr": recipe.lr},
        "num_epochs": recipe.epochs,
        "num_gradient_accumulation_steps": recipe.accumulate,
        "grad_norm": recipe.norm or False,
        "grad_clipping": recipe.size,
        "learning_rate_scheduler": recipe.schedule,
        "moving_average": recipe.decay and {"type": "exponential", "decay": recipe.decay},
        "patience": recipe.patience,
        "no_grad": recipe.frozen and [f"^{recipe.frozen}"],
        "cuda_device": -1,
        "enable_default_callbacks": False,
        **more,
    }
    return GradientDescentTrainer.from_params(
        keys,
        model=Network(recipe.penalty),
        serialization_dir=str(folder),
        data_loader=loader(*training_data),
        validation_data_loader=loader(*validation_data),
    )


def outcome_of(trainer, folder):
    """Run, and read what is left in the folder."""
    metrics = trainer.train()
    epochs = [json.loads((folder / f"metrics_epoch_{n}.json").read_text()) for n in range(metrics["epoch"] + 1)]
    checkpoint = torch.load(folder / f"checkpoint_e{len(epochs)}_b0.ckpt", weights_only=True)["state_dict"]
    best = load_file(folder / "best.safetensors")
    for name, parameter in trainer.model.named_parameters():
        assert torch.equal(parameter, best[name]), "the trained model has the best weights"
    return Outcome(
        [each["training_loss"] for each in epochs],
        [each["validation_loss"] for each in epochs],
        {name.removeprefix("model."): value for name, value in checkpoint.items()},
        best,
        metrics["best_epoch"],
    )


def assert_same(found, expected):
    assert found.training == pytest.approx(expected.training, rel=1e-6, abs=1e-6)
    assert found.validation == pytest.approx(expected.validation, rel=1e-6, abs=1e-6)
    assert found.best_epoch == expected.best_epoch
    for part in ("last", "best"):
        one, other = getattr(found, part), getattr(expected, part)
        assert one.keys() == other.keys()
        for name in one:
            torch.testing.assert_close(one[name], other[name], **TOLERANCE)


def warm_up(total, warm, lr=LR):
    """The rate at a step: up in a straight line, and down in one to zero at the end."""
    return lambda epoch, step: lr * (step / warm if step < warm else (total - step) / (total - warm))


# Validation losses 1.47, 1.81, 2.49, 1.05, 1.14, 0.79, and larger ones.
LATE = {"noise": 1.5, "epochs": 12, "lr": 0.3, "rate": lambda epoch, step: 0.3}
RECIPES = {
    "plain": Recipe(),
    "adam": Recipe("adam"),
    "accumulation": Recipe(accumulate=2),
    "norm": Recipe(norm=0.3),
    "norm that is never reached": Recipe(norm=100.0),
    "size": Recipe(size=0.05),
    "norm and size": Recipe(norm=0.3, size=0.1, accumulate=2),
    "schedule of steps": Recipe(
        rate=warm_up(EPOCHS * 3, 4), schedule={"type": "linear_with_warmup", "warmup_steps": 4}
    ),
    "schedule of steps with accumulation": Recipe(
        accumulate=2, rate=warm_up(EPOCHS * 2, 3), schedule={"type": "linear_with_warmup", "warmup_steps": 3}
    ),
    "schedule of epochs": Recipe(
        rate=lambda epoch, step: LR * 0.5 ** (epoch // 2), schedule={"type": "step", "step_size": 2, "gamma": 0.5}
    ),
    "warm-up by epochs": Recipe(
        rate=lambda epoch, step: LR * min(1, epoch / 2),
        schedule={"type": "constant_with_warmup", "num_warmup_steps": 2},
    ),
    "average": Recipe(decay=0.5),
    "average that hardly moves": Recipe(decay=0.9999, accumulate=2),
    "penalty": Recipe(penalty=0.1, accumulate=2),
    "frozen": Recipe(frozen="first"),
    "frozen with average and norm": Recipe(frozen="first", decay=0.5, norm=0.3),
    "best epoch before the last": Recipe(**LATE),
    "patience 1": Recipe(**LATE, patience=1),
    "patience 2": Recipe(**LATE, patience=2),
    "patience 3": Recipe(**LATE, patience=3),
    "patience and average": Recipe(**LATE, patience=2, decay=0.8),
    "everything": Recipe(
        "adam", accumulate=2, norm=0.5, size=0.2, decay=0.7, frozen="second", patience=4,
        rate=warm_up(EPOCHS * 2, 3), schedule={"type": "linear_with_warmup", "warmup_steps": 3},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RECIPES)
def test_training_equals_a_plain_loop(name, tmp_path):
    recipe = RECIPES[name]
    assert_same(outcome_of(build(recipe, tmp_path), tmp_path), plain_loop(recipe))


def test_recipes_differ():
    """Each option changes what comes out, so that none can be ignored, but for a norm that is never reached."""
    losses = {name: plain_loop(recipe).validation for name, recipe in RECIPES.items()}
    assert losses.pop("norm that is never reached") == pytest.approx(losses["plain"])
    names = list(losses)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            assert losses[one] != pytest.approx(losses[other], rel=1e-4), (one, other)
    late = plain_loop(RECIPES["best epoch before the last"])
    assert late.best_epoch == 5
    assert [len(losses[f"patience {number}"]) for number in (1, 2, 3)] == [2, 3, 9]


@TrainerCallback.register("note_norms")
class NoteNorms(TrainerCallback):
    def on_batch(self, trainer, *args, is_training, batch_grad_norm, **kwargs):
        if is_training:
            trainer.noted = [*getattr(trainer, "noted", []), batch_grad_norm]


@pytest.mark.parametrize(("name", "asked"), [("norm", 0.3), ("accumulation", True)])
def test_callbacks_are_told_the_norm_of_the_gradients_before_clipping(name, asked, tmp_path):
    trainer = build(RECIPES[name], tmp_path, grad_norm=asked, callbacks=["note_norms"])
    found = outcome_of(trainer, tmp_path)
    assert_same(found, plain_loop(RECIPES[name]))
    assert trainer.noted == pytest.approx(plain_loop(RECIPES[name]).norms, rel=1e-5)


def test_norm_that_nobody_asked_for_is_not_computed(tmp_path):
    trainer = build(RECIPES["plain"], tmp_path, callbacks=["note_norms"])
    trainer.train()
    assert set(trainer.noted) == {None}


@TrainerCallback.register("halve_gradients")
class HalveGradients(TrainerCallback):
    def on_backward(self, trainer, batch_outputs, backward_called, **kwargs):
        if backward_called:
            trainer.noted = [*getattr(trainer, "noted", []), sorted(batch_outputs)]
            return False
        batch_outputs["loss"].backward()
        for parameter in trainer.model.parameters():
            parameter.grad /= 2
        return True


def test_callback_may_compute_the_gradients(tmp_path):
    """Half the gradients are half the learning rate; the second callback is told that they are there."""
    trainer = build(RECIPES["plain"], tmp_path, callbacks=["halve_gradients", "halve_gradients"])
    found = outcome_of(trainer, tmp_path)
    assert_same(found, plain_loop(Recipe(lr=LR / 2, rate=lambda epoch, step: LR / 2)))
    assert trainer.noted == [["loss"]] * (EPOCHS * 3)


class Stop(Exception):
    pass


@TrainerCallback.register("stop_at_step")
class StopAtStep(TrainerCallback):
    def __init__(self, serialization_dir: str, step: int):
        super().__init__(serialization_dir)
        self.step = step

    def on_batch(self, trainer, *args, is_training, **kwargs):
        if is_training and trainer.total_batches_completed == self.step:
            raise Stop


@pytest.mark.parametrize(
    "name", ["plain", "adam", "schedule of steps", "average", "everything", "patience and average"]
)
@pytest.mark.parametrize("step", [2, 4, 5])
def test_training_that_was_killed_within_an_epoch_ends_as_the_plain_loop_does(name, step, tmp_path):
    recipe, saving = RECIPES[name], {"save_every_num_batches": 1, "keep_most_recent_by_count": None}
    broken = build(recipe, tmp_path, checkpointer=saving, callbacks=[{"type": "stop_at_step", "step": step}])
    with pytest.raises(Stop):
        broken.train()
    assert_same(outcome_of(build(recipe, tmp_path, checkpointer=saving), tmp_path), plain_loop(recipe))
