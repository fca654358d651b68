"""Commands that a project adds to AllenNLP's, and training from its Python."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = """
import argparse
import sys
import foldformer.allennlp
from allennlp.commands import Predict, Subcommand, main
from allennlp.commands.train import train_model, train_model_from_file
from allennlp.common import Params


@Subcommand.register("greet")
class Greet(Subcommand):
    def add_subparser(self, parser):
        subparser = parser.add_parser(self.name, help="say hello")
        subparser.add_argument("--name", default="nobody")
        subparser.set_defaults(func=lambda args: print("hello", args.name, args.include_package))
        return subparser


@Subcommand.register("predict-loudly")
class PredictLoudly(Predict):
    def add_subparser(self, parser):
        subparser = super().add_subparser(parser)
        subparser.set_defaults(func=lambda args: print(args.archive_file.upper(), args.batch_size))
        return subparser
"""


@pytest.fixture
def run(tmp_path):
    def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "project.py").write_text(PROJECT + code)
        command = [sys.executable, tmp_path / "project.py", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    return run


def test_own_commands_run_beside_ours(run):
    finished = run("main(prog='mine')", "greet", "--name", "Ada", "--include-package", "json")
    assert finished.stdout == "hello Ada ['json']\n", finished.stderr
    assert run("main()", "predict-loudly", "a.tar.gz", "in.jsonl", "--batch-size", "7").stdout == "A.TAR.GZ 7\n"
    assert "greet" in run("main(prog='mine')").stdout
    assert "usage: mine greet" in run("main(prog='mine')", "greet", "--help").stdout
    assert "basic_classifier" in run("main()", "list", "Model").stdout


def test_errors_are_one_line(run):
    finished = run("main()", "train", "nothing.jsonnet", "-s", "out")
    assert finished.returncode == 1
    assert finished.stderr.startswith("error: nothing.jsonnet")
    assert finished.stderr.count("\n") == 1


def test_training_from_python_gives_the_model(run, tmp_path):
    (tmp_path / "data.jsonl").write_text('{"text": "good", "label": "a"}\n{"text": "bad", "label": "b"}\n')
    experiment = {
        "dataset_reader": {"type": "text_classification_json"},
        "train_data_path": str(tmp_path / "data.jsonl"),
        "model": {
            "type": "basic_classifier",
            "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
            "seq2vec_encoder": {"type": "boe", "embedding_dim": 4},
        },
        "data_loader": {"batch_size": 2},
        "trainer": {"optimizer": "adam", "num_epochs": 1, "cuda_device": -1},
    }
    (tmp_path / "experiment.json").write_text(json.dumps(experiment))
    code = (
        "overrides = {'trainer.num_epochs': 2}\n"
        "model = train_model_from_file('experiment.json', 'one', overrides)\n"
        "assert type(model).__name__ == 'BasicClassifier'\n"
        "assert train_model(Params.from_file('experiment.json'), 'one', force=True) is not None\n"
    )
    finished = run(code)
    assert finished.returncode == 0, finished.stderr
    assert (Path(tmp_path) / "one" / "model.tar.gz").is_file()
