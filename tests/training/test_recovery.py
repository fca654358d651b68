"""An interrupted training, gone on with, ends as one that was never interrupted."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from foldformer.config import ConfigurationError
from foldformer.models.metrics import BooleanAccuracy, CategoricalAccuracy
from foldformer.training import TrainerCallback
from foldformer.training.errors import TrainingError
from foldformer.training.fit.metric_state import metric_state, set_metric_state


class Interruption(Exception):
    pass


@TrainerCallback.register("interrupt_once")
class InterruptOnce(TrainerCallback):
    """Raise after a number of steps, in the first run only."""

    def __init__(self, serialization_dir: str, steps: int, flag: str):
        super().__init__(serialization_dir)
        self.steps, self.flag = steps, flag

    def on_batch(self, trainer, *args, is_training, **kwargs):
        if is_training and trainer.total_batches_completed == self.steps and not Path(self.flag).exists():
            Path(self.flag).touch()
            raise Interruption


def interrupted(config, tmp_path, steps):
    trainer = {
        **config["trainer"],
        "callbacks": [{"type": "interrupt_once", "steps": steps, "flag": str(tmp_path / "flag")}],
    }
    return {**config, "trainer": trainer}


def weights(folder):
    return load_file(folder / "best.safetensors")


def assert_same_run(folder, other):
    for name, tensor in weights(folder).items():
        assert torch.equal(tensor, weights(other)[name]), name


STAGES = [[1, "constant"], [2, {"type": "linear_with_warmup", "warmup_steps": 3}]]
TRAINERS = {
    "plain": {},
    "schedule": {"learning_rate_scheduler": {"type": "linear_with_warmup", "warmup_steps": 4}},
    "average": {"moving_average": {"type": "exponential", "decay": 0.7}},
    "accumulation": {"num_gradient_accumulation_steps": 2},
    "combined": {"learning_rate_scheduler": {"type": "combined", "schedulers": STAGES}},
}


@pytest.mark.parametrize("name", TRAINERS)
@pytest.mark.parametrize("every_batches", [None, 3])
def test_recovered_training_gives_the_metrics_and_weights_of_an_uninterrupted_one(
    config, tmp_path, train, comparable, name, every_batches
):
    config["trainer"].update(TRAINERS[name], checkpointer={"save_every_num_batches": every_batches})
    expected = train(config, tmp_path / "whole")
    broken = interrupted(config, tmp_path, steps=5 if name == "accumulation" else 12)
    with pytest.raises(Interruption):
        train(broken, tmp_path / "broken")
    metrics = train(broken, tmp_path / "broken", recover=True)
    assert comparable(metrics) == comparable(expected)
    assert_same_run(tmp_path / "broken", tmp_path / "whole")


def tagging(config, tmp_path):
    """The same texts, a tag for each word, and a model with metrics of tags and spans."""
    for key in ("train_data_path", "validation_data_path"):
        file = Path(config[key]).with_suffix(".txt")
        texts = [json.loads(line)["text"].split() for line in Path(config[key]).read_text().splitlines()]
        file.write_text(
            "".join(" ".join(f"{word}###{'B-X' if 'e' in word else 'O'}" for word in text) + "\n" for text in texts)
        )
        config[key] = str(file)
    config["dataset_reader"] = {"type": "sequence_tagging"}
    embedder = {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 8}}}
    encoder = {"type": "lstm", "input_size": 8, "hidden_size": 4}
    config["model"] = {
        "type": "crf_tagger",
        "label_encoding": "BIO",
        "text_field_embedder": embedder,
        "encoder": encoder,
    }
    return config


@pytest.mark.parametrize("task", [lambda config, folder: config, tagging], ids=["classifier", "tagger"])
def test_training_that_was_stopped_within_its_last_epoch_still_reports_whole_metrics(
    config, tmp_path, train, comparable, task
):
    config = task(config, tmp_path)
    config["trainer"].update(num_epochs=1, checkpointer={"save_every_num_batches": 3})
    expected = train(config, tmp_path / "whole")
    broken = interrupted(config, tmp_path, steps=5)
    with pytest.raises(Interruption):
        train(broken, tmp_path / "broken")
    assert comparable(train(broken, tmp_path / "broken", recover=True)) == comparable(expected)


def test_recovery_of_another_configuration_is_refused_with_what_differs(config, tmp_path, train):
    config["trainer"]["num_epochs"] = 1
    train(config, tmp_path / "run")
    config["model"]["dropout"] = 0.3
    with pytest.raises(ConfigurationError, match=r"model\.dropout: was 0\.1, is 0\.3"):
        train(config, tmp_path / "run", recover=True)


def test_metrics_in_lists_and_dictionaries_are_part_of_a_checkpoint():
    def holder():
        module = torch.nn.Linear(1, 1)
        module.several = [CategoricalAccuracy(), {"boolean": BooleanAccuracy()}]
        return module

    counted, fresh = holder(), holder()
    counted.several[0](torch.tensor([[0.0, 1.0]]), torch.tensor([1]))
    counted.several[1]["boolean"](torch.tensor([[1]]), torch.tensor([[1]]))
    set_metric_state(fresh, metric_state(counted))
    assert fresh.several[0].get_metric() == 1.0
    assert fresh.several[1]["boolean"].get_metric() == 1.0


def test_recovered_training_may_have_other_callbacks(config, tmp_path, train, comparable):
    expected = train(config, tmp_path / "whole")
    config["trainer"].update(callbacks=["track_epoch_callback"], num_epochs=1)
    train(config, tmp_path / "run")
    config["trainer"].update(callbacks=["console_logger", "track_epoch_callback"], num_epochs=3)
    assert comparable(train(config, tmp_path / "run", recover=True)) == comparable(expected)


def test_recovered_training_may_have_more_epochs(config, tmp_path, train, comparable):
    expected = train(config, tmp_path / "whole")
    config["trainer"]["num_epochs"] = 1
    train(config, tmp_path / "run")
    config["trainer"]["num_epochs"] = 3
    assert comparable(train(config, tmp_path / "run", recover=True)) == comparable(expected)


def test_folder_that_holds_something_is_refused_and_left_alone(config, tmp_path, train):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigurationError, match="--recover"):
        train(config, tmp_path / "run")
    with pytest.raises(ConfigurationError, match="delete it yourself"):
        train(config, tmp_path / "run", force=True)
    assert (tmp_path / "run" / "thesis.txt").read_text() == "years of work"


def start_command(config, tmp_path):
    file = tmp_path / "experiment.json"
    file.write_text(json.dumps({**config, "trainer": {**config["trainer"], "num_epochs": 200, "patience": None}}))
    arguments = [sys.executable, Path(sys.executable).with_name("foldformer"), "train", file, "-s", tmp_path / "run"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with listening_to_interrupts():
        return subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True)


@contextmanager
def listening_to_interrupts():
    """Have processes start with SIGINT as in a terminal: background jobs of a shell ignore it, and hand that down."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_leaves_whole_checkpoints_and_no_parts(config, tmp_path, number):
    process = start_command(config, tmp_path)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("run/checkpoint_e2*")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, error = process.communicate(timeout=120)
    assert process.returncode != 0, error
    assert "Traceback" not in error
    assert "--recover" in error
    checkpoints = list(tmp_path.glob("run/checkpoint_*.ckpt"))
    assert checkpoints
    for file in checkpoints:
        assert "state_dict" in torch.load(file, weights_only=True)
    assert weights(tmp_path / "run")


def test_full_disk_leaves_the_last_checkpoint_whole_and_says_so(config, tmp_path, train):
    config["trainer"]["num_epochs"] = 1
    train(config, tmp_path / "run")
    config["trainer"]["num_epochs"] = 2
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # no file may grow beyond: as on a full disk
    try:
        with pytest.raises(TrainingError, match="--recover"):
            train(config, tmp_path / "run", recover=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [file.name for file in tmp_path.glob("run/*.ckpt")] == ["checkpoint_e1_b0.ckpt"]
    assert not list(tmp_path.glob("run/.*.part"))
    assert train(config, tmp_path / "run", recover=True)["epoch"] == 1
