"""What `pip install` brings: a wheel of everything, which works away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = ("foldformer", "embedders", "indexers")
IMPORT_ALL = """
import importlib, pkgutil, sys
import foldformer, embedders, indexers
names = [m.name for p in (foldformer, embedders, indexers) for m in pkgutil.walk_packages(p.__path__, p.__name__ + ".")]
from foldformer.config.optional import MissingPackageError
imported = []
for name in names:
    try:
        imported.append(importlib.import_module(name))
    except MissingPackageError as error:
        print(name, "needs an extra:", error, file=sys.stderr)
assert all(module.__file__.startswith(sys.argv[1]) for module in imported)
print(len(imported))
"""


def call(*arguments: str | Path, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        list(map(str, arguments)), cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist, and a wheel made of it."""
    folder, source = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("source") / "project"
    listed = call("git", "ls-files", "-co", "--exclude-standard", folder=PROJECT).splitlines()
    for name in listed:
        if (PROJECT / name).is_file() and not name.startswith(("tests/", "docs/", "benchmarks/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((PROJECT / name).read_bytes())
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source, folder=source, PYTHONPATH="")
    return folder


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but what the wheel brings."""
    site = tmp_path_factory.mktemp("site")
    (wheel,) = built.glob("*.whl")
    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target")
    call(sys.executable, *pip, site, wheel, folder=built)
    return site


def test_no_folder_is_lost(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(PACKAGES)}
    files = (path for package in PACKAGES for path in (PROJECT / package).rglob("*") if path.is_file())
    expected = {str(path.relative_to(PROJECT)) for path in files if "__pycache__" not in path.parts}
    assert {name for name in inside if "dist-info" not in name} == expected


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for package in PACKAGES for path in (PROJECT / package).rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_every_module_can_be_imported(installed: Path) -> None:
    count = call(sys.executable, "-c", IMPORT_ALL, installed, folder=installed, PYTHONPATH=str(installed))
    assert int(count) > 300


def test_embeds_trains_and_predicts(installed: Path, tiny_model, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "foldformer")
    (tmp_path / "in.jsonl").write_text('{"text": "a quick fox", "label": "a"}\n{"text": "the dog", "label": "b"}\n')
    model = tiny_model("bert")
    (tmp_path / "experiment.jsonnet").write_text(
        f"""{{
        local model = "{model}",
        dataset_reader: {{type: "text_classification_json", tokenizer: {{type: "pretrained_transformer",
            model_name: model}}, token_indexers: {{tokens: {{type: "pretrained_transformer", model_name: model}}}}}},
        train_data_path: "in.jsonl",
        validation_data_path: "in.jsonl",
        model: {{type: "basic_classifier", seq2vec_encoder: {{type: "cls_pooler", embedding_dim: 32}},
            text_field_embedder: {{token_embedders:
                {{tokens: {{type: "pretrained_transformer", model_name: model}}}}}}}},
        data_loader: {{batch_size: 2}},
        trainer: {{num_epochs: 1, optimizer: "adam", cuda_device: -1}},
    }}"""
    )
    site = {"PYTHONPATH": str(installed)}
    call(*command, "embed", "in.jsonl", "--model", model, "--output", "vectors", folder=tmp_path, **site)
    call(*command, "train", "experiment.jsonnet", "-s", "out", folder=tmp_path, **site)
    call(*command, "predict", "out/model.tar.gz", "in.jsonl", "--output-file", "said.jsonl", folder=tmp_path, **site)
    assert list((tmp_path / "vectors").glob("part-*.parquet"))
    assert len((tmp_path / "said.jsonl").read_text().splitlines()) == 2
