"""`foldformer upgrade`."""

import json

import pytest
import yaml

OLD = """// A tagger.
local size = std.extVar('SIZE');
{
  iterator: { type: 'basic', batch_size: size },
  trainer: {
    optimizer: 'adam',  // for now
    checkpointer: { num_serialized_models_to_keep: 1 },  // little disk
  },
}
"""
TODAY = """// A tagger.
local size = std.extVar('SIZE');
{
  data_loader: { batch_size: size, shuffle: true },
  trainer: {
    optimizer: 'adam',  // for now
    checkpointer: { keep_most_recent_by_count: 1 },  // little disk
  },
}
"""
SIZE = ("--ext-vars", '{"SIZE": 8}')


@pytest.fixture
def old(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.jsonnet").write_text(OLD)
    return tmp_path


def test_diff_is_shown_and_nothing_written(old, run):
    result = run("upgrade", "old.jsonnet", *SIZE)
    assert result.exit_code == 0
    assert result.stderr == ""
    changes = [line for line in result.stdout.splitlines() if line.startswith(("+", "-"))]
    assert changes == [
        "--- old.jsonnet",
        "+++ old.jsonnet (today)",
        "-  iterator: { type: 'basic', batch_size: size },",
        "+  data_loader: { batch_size: size, shuffle: true },",
        "-    checkpointer: { num_serialized_models_to_keep: 1 },  // little disk",
        "+    checkpointer: { keep_most_recent_by_count: 1 },  // little disk",
    ]
    assert (old / "old.jsonnet").read_text() == OLD


def test_file_is_written_when_asked(old, run):
    assert run("upgrade", "old.jsonnet", "--write", *SIZE).exit_code == 0
    assert (old / "old.jsonnet").read_text() == TODAY
    again = run("upgrade", "old.jsonnet", "--write", *SIZE)
    assert again.output == "old.jsonnet: no old keys\n"
    assert (old / "old.jsonnet").read_text() == TODAY


def test_new_file_is_written_when_asked(old, run):
    assert run("upgrade", "old.jsonnet", "--output", "new.jsonnet", *SIZE).exit_code == 0
    assert (old / "old.jsonnet").read_text() == OLD
    assert (old / "new.jsonnet").read_text() == TODAY
    result = run("upgrade", "old.jsonnet", "new.jsonnet", "--output", "x.jsonnet", *SIZE)
    assert result.exit_code == 1
    assert "--output: got x.jsonnet with --write or several files; expected one file alone" in result.output


def test_member_that_is_an_import_is_evaluated(old, run):
    (old / "trainer.libsonnet").write_text("{ type: 'default', num_epochs: 2 + 3 }")
    (old / "importing.jsonnet").write_text("// comment\n{ trainer: import 'trainer.libsonnet', model: 'x' }\n")
    result = run("upgrade", "importing.jsonnet", "--write")
    assert result.exit_code == 0
    assert (old / "importing.jsonnet").read_text() == (
        "// comment\n{ trainer: { num_epochs: 5, type: 'gradient_descent' }, model: 'x' }\n"
    )


def test_whole_file_is_evaluated_where_it_is_an_import(old, run):
    (old / "base.libsonnet").write_text("{ trainer: { type: 'default', num_epochs: 2 + 3 } }")
    (old / "importing.jsonnet").write_text("// comment\n(import 'base.libsonnet') + { model: 'é' }\n")
    result = run("upgrade", "importing.jsonnet", "--output", "new.jsonnet")
    assert result.exit_code == 0
    assert result.stderr == (
        "importing.jsonnet: its old keys cannot be rewritten where they stand; this is the evaluated file\n"
    )
    data = {"model": "é", "trainer": {"num_epochs": 5, "type": "gradient_descent"}}
    assert (old / "new.jsonnet").read_text(encoding="utf-8") == json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def test_yaml_stays_yaml(old, run):
    (old / "old.yaml").write_text("trainer:  # ours\n  type: default\n")
    assert run("upgrade", "old.yaml", "--write").exit_code == 0
    assert yaml.safe_load((old / "old.yaml").read_text()) == {"trainer": {"type": "gradient_descent"}}


def test_broken_file_is_one_line(old, run):
    (old / "broken.jsonnet").write_text("{")
    result = run("upgrade", "broken.jsonnet")
    assert result.exit_code == 1
    assert result.output.startswith("error: broken.jsonnet:1:2: is not Jsonnet")
    assert len(result.output.splitlines()) == 1
