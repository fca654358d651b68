"""Every subcommand in an environment without extras: it works, or says in one line what to install."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from foldformer.commands.subcommands import SUBCOMMANDS
from tests.packaging.bare_environment import make_bare_environment

PROJECT = Path(__file__).parents[2]
EXPERIMENT = """{
    dataset_reader: {type: "text_classification_json", tokenizer: {type: "pretrained_transformer",
        model_name: "model"}, token_indexers: {tokens: {type: "pretrained_transformer", model_name: "model"}}},
    train_data_path: "in.jsonl",
    model: {type: "basic_classifier", seq2vec_encoder: {type: "cls_pooler", embedding_dim: 32},
        text_field_embedder: {token_embedders: {tokens: {type: "pretrained_transformer", model_name: "model"}}}},
    data_loader: {batch_size: 2},
    trainer: {num_epochs: 1, optimizer: "adam", cuda_device: -1},
}"""
EMBED = ("embed", "in.jsonl", "--output", "vectors", "--model")
REFUSED = {
    ("train", "experiment.jsonnet", "-s", "trained"): "train",
    ("train", "experiment.jsonnet", "--dry-run"): "train",
    ("evaluate", "archive", "in.jsonl"): "train",
    ("embed", "in.jsonl", "--output", "s3://bucket/vectors", "--model", "model"): "cloud",
    ("embed", "s3://bucket/in.jsonl", "--output", "vectors", "--model", "model"): "cloud",
    ("embed", "gs://bucket/in.jsonl", "--output", "vectors", "--model", "model"): "cloud",
    (*EMBED, "model", "--ray", "local"): "ray",
    (*EMBED, "model", "--backend", "openvino"): "openvino",
    (*EMBED, "adapter"): "peft",
    ("corpus", "info", "s3://bucket/vectors"): "cloud",
}
WORKING = (
    (*EMBED, "model"),
    ("corpus", "info", "vectors"),
    ("corpus", "verify", "vectors"),
    ("corpus", "search", "vectors", "fox"),
    ("predict", "archive", "in.jsonl"),
    ("export", "archive", "exported"),
    ("show", "a quick fox", "--model", "model"),
    ("check", "experiment.jsonnet"),
    ("list",),
    ("describe", "Model", "basic_classifier"),
    ("schema",),
    ("resolve", "experiment.jsonnet"),
    ("diff", "experiment.jsonnet", "experiment.jsonnet"),
    ("upgrade", "experiment.jsonnet"),
    ("doctor", "project", "experiment.jsonnet"),
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bare_environment(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def folder(tiny_model: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents, a model, an adapter of it, an experiment file and what comes out of it."""
    folder = tmp_path_factory.mktemp("work")
    shutil.copytree(tiny_model("bert"), folder / "model")
    (folder / "adapter").mkdir()
    (folder / "adapter" / "adapter_config.json").write_text('{"base_model_name_or_path": "model"}')
    (folder / "in.jsonl").write_text('{"text": "a quick fox", "label": "a"}\n{"text": "the dog", "label": "b"}\n')
    (folder / "experiment.jsonnet").write_text(EXPERIMENT)
    (folder / "project").mkdir()
    (folder / "project" / "__init__.py").write_text("from allennlp.data import Instance\n")
    done = run(folder, [sys.executable], PROJECT, "train", "experiment.jsonnet", "-s", "archive")
    assert done.returncode == 0, done.stderr
    return folder


def run(folder: Path, python: list[str], *rest: str | Path) -> subprocess.CompletedProcess[str]:
    path, *arguments = map(str, rest)
    return subprocess.run(
        [*python, "-m", "foldformer", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )


def run_bare(bare: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, [sys.executable, "-S"], os.pathsep.join(map(str, (PROJECT, bare))), *arguments)


def test_every_subcommand_is_tried() -> None:
    assert {arguments[0] for arguments in (*REFUSED, *WORKING)} == set(SUBCOMMANDS)


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_extra_is_named(arguments: tuple[str, ...], bare: Path, folder: Path) -> None:
    before = sorted(folder.iterdir())
    done = run_bare(bare, folder, *arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(said) == 1, done.stderr
    assert f"pip install 'foldformer[{REFUSED[arguments]}]'" in said[0], done.stderr
    assert not done.stderr.partition("error: ")[2].partition("\n")[2].strip()
    assert sorted(set(folder.iterdir()) - set(before)) in ([], [folder / "vectors"])


def test_the_rest_works(bare: Path, folder: Path) -> None:
    shutil.rmtree(folder / "vectors", ignore_errors=True)
    for arguments in WORKING:
        done = run_bare(bare, folder, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
        assert "Traceback" not in done.stderr
