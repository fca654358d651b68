"""A project that was written for AllenNLP 1 trains, evaluates and predicts as it is."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent
PACKAGE = ("--include-package", "old_reviews")
ARCHIVE = "out/model.tar.gz"
COMMANDS = {
    "doctor": ("doctor", "old_reviews", "experiment.jsonnet"),
    "train": ("train", "experiment.jsonnet", *PACKAGE, "-s", "out"),
    "evaluate": ("evaluate", ARCHIVE, "data/dev.tsv", *PACKAGE, "--output-file", "evaluated.json"),
    "predict": ("predict", ARCHIVE, "input.jsonl", *PACKAGE, "--output-file", "predicted.jsonl"),
    "upgrade": ("upgrade", "experiment.jsonnet", "--output", "today.jsonnet"),
    "check": ("check", "today.jsonnet", "--strict", *PACKAGE),
}
RUN_ALL = """
import json, sys
from typer.testing import CliRunner
from foldformer.commands import app
results = {name: CliRunner().invoke(app, command) for name, command in json.loads(sys.argv[1]).items()}
print(json.dumps({name: [each.exit_code, each.stdout, each.stderr] for name, each in results.items()}))
"""


@dataclass(frozen=True)
class Finished:
    """A command that ran in the project's folder."""

    folder: Path
    status: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_model: Callable[[str], str]) -> dict[str, Finished]:
    """All the commands, run one after the other in a process of their own, as the project's names would stay."""
    folder = tmp_path_factory.mktemp("project") / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("test_*", "__pycache__"))
    reviews = [review for _, review in reviews_of(folder)]
    (folder / "input.jsonl").write_text("".join(json.dumps({"review": review}) + "\n" for review in reviews))
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, json.dumps(COMMANDS)],
        cwd=folder,
        env={**os.environ, "TRANSFORMER": tiny_model("bert")},
        capture_output=True,
        text=True,
        check=True,
    )
    results = json.loads(done.stdout.splitlines()[-1])
    return {name: Finished(folder, *result) for name, result in results.items()}


def reviews_of(folder: Path) -> list[list[str]]:
    return [line.split("\t") for line in (folder / "data" / "dev.tsv").read_text().splitlines()]


def test_every_command_succeeds(finished: dict[str, Finished]) -> None:
    assert {name: each.stderr for name, each in finished.items() if each.status} == {}


def test_it_learns(finished: dict[str, Finished]) -> None:
    metrics = json.loads((finished["train"].folder / "out" / "metrics.json").read_text())
    assert metrics["training_loss"] < 0.6
    assert metrics["best_validation_accuracy"] > 0.7
    assert {"best_validation_f1", "best_validation_worst_recall", "training_reg_loss"} <= metrics.keys()


def test_old_keys_are_named_once(finished: dict[str, Finished]) -> None:
    warnings = [line for line in finished["train"].stderr.splitlines() if "of AllenNLP" in line]
    assert sorted(line.split(": ")[1] for line in warnings) == [
        "iterator",
        "model.initializer",
        "model.regularizer",
        "trainer.checkpointer.keep_serialized_model_every_num_seconds",
        "trainer.checkpointer.num_serialized_models_to_keep",
        "trainer.epoch_callbacks",
        "trainer.type",
    ]


def test_evaluation_agrees_with_training(finished: dict[str, Finished]) -> None:
    folder = finished["evaluate"].folder
    trained = json.loads((folder / "out" / "metrics.json").read_text())
    evaluated = json.loads((folder / "evaluated.json").read_text())
    for name in ("accuracy", "worst_recall", "f1"):
        assert evaluated[name] == pytest.approx(trained[f"best_validation_{name}"], abs=1e-6)


def test_its_own_predictor_agrees_with_training(finished: dict[str, Finished]) -> None:
    folder = finished["predict"].folder
    predicted = [json.loads(line) for line in (folder / "predicted.jsonl").read_text().splitlines()]
    reviews = reviews_of(folder)
    assert [each["review"] for each in predicted] == [review for _, review in reviews]
    assert {each["num_words"] for each in predicted} == {5}
    right = sum(each["kind"] == kind for each, (kind, _) in zip(predicted, reviews, strict=True))
    trained = json.loads((folder / "out" / "metrics.json").read_text())
    assert right / len(reviews) == pytest.approx(trained["best_validation_accuracy"])


def test_doctor_finds_nothing_missing(finished: dict[str, Finished]) -> None:
    assert "0 are missing" in finished["doctor"].stdout
    assert "experiment.jsonnet: no errors outside the components of old_reviews" in finished["doctor"].stdout


def test_upgraded_file_has_no_old_keys(finished: dict[str, Finished]) -> None:
    text = (finished["upgrade"].folder / "today.jsonnet").read_text()
    assert text.startswith("// As people wrote files for AllenNLP 1.\nlocal transformer_model = ")
    assert '"batch_size": batch_size' in text
    assert finished["check"].stdout == "today.jsonnet: no errors\n"
    assert finished["check"].stderr == ""
