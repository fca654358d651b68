"""`foldformer doctor` reads a project without running it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from foldformer.commands import app

MODEL = """
raise SystemExit("this file must not be run")
import numpy as np
import torch
from torch import nn
from transformers import AdamW, AutoModel
import stanza_of_nobody, project.reader
from allennlp.models import Model
from allennlp.nn import util
from allennlp.nn.module import Module
from allennlp.training.metrics import CategoricalAcuracy
import allennlp.interpret.saliency_interpreters.integrated_gradient

@Model.register("theirs")
class Theirs(Model):
    def forward(self, tokens):
        mask = util.get_text_field_mask(tokens)
        values, vectors = torch.symeig(nn.functional.relu(tokens).astype(np.float), np.float32)
        return util.get_text_field_mask(tokens)
"""
READER = """
from allennlp.data import DatasetReader
DatasetReader.register(name="their-reader")(DatasetReader)
"""
GOOD = {
    "dataset_reader": {"type": "their-reader", "any": 1},
    "train_data_path": "t",
    "model": {"type": "theirs"},
    "iterator": "basic",
    "trainer": {"optimizer": "adam"},
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "project" / "models").mkdir(parents=True)
    (tmp_path / "project" / "__init__.py").touch()
    (tmp_path / "project" / "models" / "model.py").write_text(MODEL)
    (tmp_path / "project" / "reader.py").write_text(READER)
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    (tmp_path / "bad.json").write_text(json.dumps({**GOOD, "model": "thiers", "trainer": {"optimizer": "adm"}}))
    return tmp_path


def doctor(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["doctor", *arguments])


def report(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(doctor(*arguments, "--format", "json").stdout)
    return found


def test_names_of_allennlp_are_served_or_missing(project: Path) -> None:
    found = {each["name"]: each for each in report("project")["allennlp"]}
    model = "project/models/model.py"
    assert found["allennlp.models.Model"] == {
        "name": "allennlp.models.Model",
        "served": True,
        "here": "foldformer.models.model.Model",
        "where": [f"{model}:8"],
    }
    assert found["allennlp.nn.util.get_text_field_mask"]["where"] == [f"{model}:17", f"{model}:19"]
    assert found["allennlp.data.DatasetReader"]["where"] == ["project/reader.py:2"]
    missing = {name: (each["here"], each["where"]) for name, each in found.items() if not each["served"]}
    assert missing == {
        "allennlp.nn.module.Module": ("write it in the project, or leave it out", [f"{model}:10"]),
        "allennlp.training.metrics.CategoricalAcuracy": (
            "was never in AllenNLP; did you mean CategoricalAccuracy?",
            [f"{model}:11"],
        ),
        "allennlp.interpret.saliency_interpreters.integrated_gradient": (
            missing_advice := found["allennlp.interpret.saliency_interpreters.integrated_gradient"]["here"],
            [f"{model}:12"],
        ),
    }
    assert missing_advice


def test_what_other_packages_have_dropped_or_are_not_installed(project: Path) -> None:
    found = {each["name"]: (each["why"], each["where"]) for each in report("project")["others"]}
    model = "project/models/model.py"
    assert found == {
        "numpy.float": ("not in today's numpy", [f"{model}:18"]),
        "torch.symeig": ("not in today's torch", [f"{model}:18"]),
        "transformers.AdamW": ("not in today's transformers", [f"{model}:6"]),
        "stanza_of_nobody": ("not installed, at least not under this name", [f"{model}:7"]),
    }


def test_files_are_checked_short_of_the_projects_own_components(project: Path) -> None:
    result = doctor("project", "good.json", "bad.json")
    assert result.exit_code == 1
    assert "good.json: no errors outside the components of project" in result.stdout
    rows = [[cell.strip() for cell in line.split("  ") if cell] for line in result.stdout.splitlines()]
    assert [row[1] for row in rows if row and row[0] == "bad.json"] == ["model", "trainer.optimizer"]


def test_table_shows_what_is_missing_first(project: Path) -> None:
    lines = doctor("project").stdout.splitlines()
    assert lines[0] == "project: asks AllenNLP for 6 names; 3 are served, 3 are missing"
    rows = [line.split()[:2] for line in lines if line.startswith(("  MISSING", "  served"))]
    assert [row[0] for row in rows] == ["MISSING"] * 3 + ["served"] * 3


@pytest.mark.parametrize(("uses", "more"), [(2, ""), (3, " and 1 more")])
def test_table_shows_three_places_of_a_name(project: Path, uses: int, more: str) -> None:
    (project / "project" / "a.py").write_text("from allennlp.data import DatasetReader\n" * uses)
    (line,) = (line for line in doctor("project").stdout.splitlines() if "allennlp.data.DatasetReader" in line)
    shown = [f"project/a.py:{number + 1}" for number in range(min(uses, 3))]
    places = [*shown, "project/reader.py:2"][:3]
    assert line.rstrip().endswith(", ".join(places) + more)


@pytest.mark.parametrize("name", ["project", "project/", "project.reader", "project/reader.py"])
def test_package_is_a_name_or_a_path(project: Path, name: str) -> None:
    assert "allennlp.data.DatasetReader" in {each["name"] for each in report(name)["allennlp"]}


def test_project_without_a_fault_is_status_0(project: Path) -> None:
    result = doctor("project.reader", "good.json", "--overrides", '{"model": "basic_classifier"}')
    assert result.exit_code == 1  # the model's own keys are missing
    (project / "good.json").write_text(json.dumps({**GOOD, "model": {"type": "from_archive", "archive_file": "a"}}))
    result = doctor("project.reader", "good.json")
    assert result.exit_code == 0, result.output


def test_file_that_is_not_python_is_named(project: Path) -> None:
    (project / "project" / "old.py").write_text("x = 1\nprint 'python 2'\n")
    found = report("project")["unreadable"]
    assert [each["where"] for each in found] == ["project/old.py:2"]
    assert "print" in found[0]["why"]


@pytest.mark.parametrize("name", ["nowhere", "nowhere.at.all", "project.nothing"])
def test_no_such_package_is_one_line(project: Path, name: str) -> None:
    result = doctor(name)
    assert result.exit_code == 1
    assert result.output.startswith(f"error: PACKAGE: got {name}; expected a package below")
