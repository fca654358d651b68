"""Two processes on the processor."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def run_command(config, tmp_path, name):
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(config))
    arguments = [sys.executable, Path(sys.executable).with_name("foldformer"), "train", file, "-s", tmp_path / name]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(path.read_text()) for path in sorted((tmp_path / name).glob("metrics_epoch_*.json"))]


def test_two_processes_give_the_losses_of_one_with_twice_the_batch(config, tmp_path):
    config["data_loader"] = {"batch_size": 2, "shuffle": False}
    config["trainer"]["validation_metric"] = ["+accuracy", "-loss"]
    config["model"]["dropout"] = 0.0
    config["model"]["text_field_embedder"]["token_embedders"]["tokens"]["eval_mode"] = True  # no dropout there either
    lines = Path(config["train_data_path"]).read_text().splitlines()[:24]  # as many for each
    Path(config["train_data_path"]).write_text("\n".join(lines) + "\n")
    validation = Path(config["validation_data_path"])
    validation.write_text("\n".join(validation.read_text().splitlines()[:4]) + "\n")
    two = run_command({**config, "distributed": {"cuda_devices": [-1, -1]}}, tmp_path, "two")
    one = run_command({**config, "data_loader": {"batch_size": 4, "shuffle": False}}, tmp_path, "one")
    assert len(two) == len(one) == 3
    for ours, expected in zip(two, one, strict=True):
        for name in ("training_loss", "training_accuracy", "validation_loss", "validation_accuracy"):
            # The same sums in another order, through Adam, which divides by small numbers.
            assert ours[name] == pytest.approx(expected[name], abs=2e-4), name
    assert (tmp_path / "two" / "model.tar.gz").is_file()
    assert two[0]["training_worker_1_memory_MB"] > 0
