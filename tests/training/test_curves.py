"""Curves that callbacks write, read back from what the libraries keep on disk."""

import json
from typing import ClassVar

import pytest

from foldformer.training.callbacks import TrainerCallback

STEPS_AN_EPOCH = 7  # 26 texts in batches of 4
EVERYTHING = {
    "summary_interval": 3,
    "distribution_interval": 4,
    "batch_size_interval": 5,
    "should_log_parameter_statistics": True,
    "should_log_learning_rate": True,
}
BIAS = "_classification_layer.bias"


@TrainerCallback.register("note_steps")
class NoteSteps(TrainerCallback):
    """Keep what a trainer said at each step, and a mean of the parameters then."""

    noted: ClassVar[dict] = {}

    def on_batch(self, trainer, inputs, outputs, metrics, epoch, number, is_training, *args, **kwargs):
        if is_training:
            mean = dict(trainer.model.named_parameters())[BIAS].mean().item()
            self.noted[trainer.total_batches_completed] = (metrics["loss"], kwargs["batch_grad_norm"], mean)

    def on_epoch(self, trainer, metrics, epoch, **kwargs):
        self.noted["validation", epoch] = metrics["validation_loss"]


@pytest.fixture
def run(config, train, tmp_path, monkeypatch):
    """Train with a callback; gives what was noted."""

    def trained(callback, **options):
        monkeypatch.setattr(NoteSteps, "noted", {})
        config["trainer"].update(num_epochs=2, grad_norm=5.0, callbacks=["note_steps", callback])
        train(config, tmp_path / "run", **options)
        return NoteSteps.noted

    return trained


def read_tensorboard(folder):
    event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = event_accumulator.EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0})
    events.Reload()
    scalars = {tag: {each.step: each.value for each in events.Scalars(tag)} for tag in events.Tags()["scalars"]}
    histograms = {tag: [each.step for each in events.Histograms(tag)] for tag in events.Tags()["histograms"]}
    return scalars, histograms


def test_tensorboard_has_a_point_at_each_interval(run, tmp_path):
    noted = run({"type": "tensorboard", **EVERYTHING})
    scalars, histograms = read_tensorboard(tmp_path / "run" / "log" / "train")
    at = [3, 6, 9, 12]
    assert scalars["train/loss"] == pytest.approx({step: noted[step][0] for step in at})
    assert scalars["gradient_norm"] == pytest.approx({step: noted[step][1] for step in at})
    assert scalars[f"parameters/{BIAS}/mean"] == pytest.approx({step: noted[step][2] for step in at}, rel=1e-5)
    assert scalars["learning_rate/group_0"] == pytest.approx(dict.fromkeys(at, 2e-3))
    assert scalars["train/batch_size"] == {5: 4, 10: 4}
    assert histograms[f"parameter_histogram/{BIAS}"] == [4, 8, 12]
    validation, _ = read_tensorboard(tmp_path / "run" / "log" / "validation")
    assert validation["epoch/loss"] == pytest.approx({1: noted["validation", 0], 2: noted["validation", 1]})


def test_tensorboard_writes_losses_and_metrics_alone_where_nothing_else_is_asked_for(run, tmp_path):
    run({"type": "tensorboard", "summary_interval": 1})
    scalars, histograms = read_tensorboard(tmp_path / "run" / "log" / "train")
    assert list(scalars["train/loss"]) == list(range(1, 2 * STEPS_AN_EPOCH + 1))
    assert {tag.split("/")[0] for tag in scalars} == {"train", "gradient_norm", "epoch"}
    assert not histograms


@pytest.fixture
def runs(monkeypatch):
    """Runs of the real library, which stay on this machine, and what each was told."""
    wandb = pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    begin, found = wandb.init, []

    def init(**arguments):
        started = begin(**arguments)
        points, log, watched = [], started.log, []
        monkeypatch.setattr(started, "log", lambda data, step: (points.append((step, data)), log(data, step=step)))
        monkeypatch.setattr(started, "watch", watched.append)
        found.append((started, points, watched))
        return started

    monkeypatch.setattr(wandb, "init", init)
    return found


def test_wandb_has_the_configuration_and_a_point_at_each_interval(run, runs, tmp_path):
    noted = run({"type": "wandb", "project": "films", "tags": ["a"], "watch_model": False, **EVERYTHING})
    ((started, points, watched),) = runs
    assert (started.project, started.tags, started.config["trainer"]["num_epochs"], watched) == ("films", ("a",), 2, [])
    (saved,) = tmp_path.glob("run/wandb/offline-run-*/files/config.json")
    assert json.loads(saved.read_text())["trainer"]["num_epochs"] == 2
    at_steps = {step: data for step, data in points if "train/loss" in data and "epoch" not in data}
    assert {step: data["train/loss"] for step, data in at_steps.items()} == pytest.approx(
        {step: noted[step][0] for step in (3, 6, 9, 12)}
    )
    assert [step for step, data in points if f"parameter_histogram/{BIAS}" in data] == [4, 8, 12]
    ends = {data["epoch"]: data["validation/loss"] for _, data in points if "validation/loss" in data}
    assert ends == pytest.approx({0: noted["validation", 0], 1: noted["validation", 1]})


def test_wandb_goes_on_with_the_run_of_the_checkpoint(config, run, runs, train, tmp_path):
    run({"type": "wandb", "name": "mine"})
    ((first, _, watched),) = runs
    assert watched
    config["trainer"]["num_epochs"] = 3
    train(config, tmp_path / "run", recover=True)
    assert (runs[1][0].id, runs[1][0].name) == (first.id, "mine")
    assert min(step for step, _ in runs[1][1]) > 2 * STEPS_AN_EPOCH
