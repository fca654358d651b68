"""Archives: AllenNLP's, damaged ones, hostile ones."""

import io
import json
import pickle
import tarfile
from pathlib import Path

import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.training import archive_model, evaluate, load_archive
from foldformer.training.archives.weights import put_weights, save_weights
from foldformer.training.predictors import Predictor


@pytest.fixture
def parity(shared_folder, monkeypatch):
    """The folder whose archive was made by AllenNLP 2.10.1; its configuration has paths relative to it."""
    monkeypatch.chdir(shared_folder / "parity")
    return shared_folder / "parity" / "archives" / "bert_classifier"


def test_allennlp_archive_gives_the_recorded_predictions(parity):
    predictor = Predictor.from_path(str(parity / "model.tar.gz"))
    recorded = [json.loads(line) for line in (parity / "predictions_dev.jsonl").read_text().splitlines()]
    instances = list(predictor._dataset_reader.read(parity / "dev.jsonl"))
    outputs = [
        each for start in range(0, 12, 4) for each in predictor.predict_batch_instance(instances[start : start + 4])
    ]
    for ours, expected in zip(outputs, recorded, strict=True):
        assert ours.keys() == expected.keys()
        assert ours["label"] == expected["label"]
        assert ours["tokens"] == expected["tokens"]
        assert ours["token_ids"] == expected["token_ids"]
        assert ours["logits"] == pytest.approx(expected["logits"], abs=1e-4)
        assert ours["probs"] == pytest.approx(expected["probs"], abs=1e-4)


def test_evaluate_command_gives_the_recorded_metrics(parity, tmp_path):
    from typer.testing import CliRunner

    from foldformer.commands import app

    arguments = [
        "evaluate",
        str(parity / "model.tar.gz"),
        str(parity / "dev.jsonl"),
        "--output-file",
        str(tmp_path / "m"),
    ]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    expected = json.loads((parity / "evaluate_dev.json").read_text())
    assert json.loads((tmp_path / "m").read_text()) == pytest.approx(expected, abs=1e-4)


def test_allennlp_experiment_file_trains_unchanged(parity, tmp_path, train):
    from foldformer.config import Params

    metrics = train(Params.from_file(parity / "config.jsonnet").as_dict(quiet=True), tmp_path / "run")
    assert metrics["epoch"] == 5
    assert metrics["best_validation_accuracy"] > 0.9
    recorded = json.loads((parity / "metrics.json").read_text())
    assert metrics.keys() == recorded.keys()


def pack(folder, members):
    file = folder / "model.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return file


def member(name, content=b"", **attributes):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, content


@pytest.mark.parametrize(
    "hostile",
    [
        member("../outside.txt", b"x"),
        member("/absolute.txt", b"x"),
        member("link", type=tarfile.SYMTYPE, linkname="/elsewhere"),
        member("device", type=tarfile.CHRTYPE),
    ],
    ids=lambda each: each[0].name,
)
def test_member_that_leaves_the_folder_is_refused(tmp_path, hostile):
    folder = tmp_path / "inside"
    folder.mkdir()
    with pytest.raises(ConfigurationError, match="may be hostile"):
        load_archive(pack(folder, [hostile, member("config.json", b"{}")]))
    assert not (tmp_path / "outside.txt").exists()


def test_truncated_archive_is_named(config, tmp_path, train):
    config["trainer"]["num_epochs"] = 1
    train(config, tmp_path / "run")
    content = (tmp_path / "run" / "model.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(content[: len(content) // 2])
    with pytest.raises(ConfigurationError, match=r"cut\.tar\.gz"):
        load_archive(tmp_path / "cut.tar.gz")


def test_file_that_is_no_archive_is_named(tmp_path):
    (tmp_path / "model.tar.gz").write_text("<html>Not found</html>")
    with pytest.raises(ConfigurationError, match=r"model\.tar\.gz"):
        load_archive(tmp_path / "model.tar.gz")
    with pytest.raises(ConfigurationError, match=r"absent\.tar\.gz"):
        load_archive(tmp_path / "absent.tar.gz")


def test_code_in_weights_is_not_run(config, tmp_path, train):
    class Payload:
        def __reduce__(self):
            return (open, (str(tmp_path / "was_run"), "w"))

    config["trainer"]["num_epochs"] = 1
    train(config, tmp_path / "run")
    (tmp_path / "evil.th").write_bytes(pickle.dumps({"weight": Payload()}, protocol=2))
    with pytest.raises(ConfigurationError, match="never run"):
        load_archive(tmp_path / "run", weights_file=tmp_path / "evil.th")
    assert not (tmp_path / "was_run").exists()


def test_weights_of_another_model_are_refused_with_names_and_shapes():
    model = torch.nn.Linear(2, 3)
    with pytest.raises(
        ConfigurationError, match=r"missing bias; unknown other; of another shape weight \(1, 2\) for \(3, 2\)"
    ):
        put_weights(model, {"weight": torch.ones(1, 2), "other": torch.ones(1)}, "file")


def test_buffers_that_older_transformers_saved_are_dropped():
    model = torch.nn.Sequential(torch.nn.Linear(2, 3))
    state = {"0.weight": torch.ones(3, 2), "0.bias": torch.ones(3), "embeddings.position_ids": torch.arange(4)}
    put_weights(model, state, "file")
    assert model[0].weight.sum() == 6
    assert "embeddings.position_ids" not in model.state_dict()


def test_missing_key_is_forgiven_where_its_module_says_so():
    class Forgiving(torch.nn.Linear):
        authorized_missing_keys = (r"^bias$",)

    model = torch.nn.Sequential(Forgiving(2, 3))
    put_weights(model, {"0.weight": torch.ones(3, 2)}, "file")
    assert model[0].weight.sum() == 6
    with pytest.raises(ConfigurationError, match=r"missing 0\.weight"):
        put_weights(model, {"0.bias": torch.ones(3)}, "file")


def test_tied_weights_are_written_under_both_names(tmp_path):
    shared = torch.ones(2, 2)
    save_weights({"a": shared, "b": shared, "c": shared.t()}, tmp_path / "w.safetensors")
    from safetensors.torch import load_file

    assert set(load_file(tmp_path / "w.safetensors")) == {"a", "b", "c"}


def test_extra_files_come_along_and_reserved_names_do_not(config, tmp_path, train):
    config["trainer"]["num_epochs"] = 1
    train(config, tmp_path / "run")
    (tmp_path / "run" / "notes.md").write_text("by hand")
    archive = archive_model(tmp_path / "run", archive_path=tmp_path / "new.tar.gz", include_in_archive=["*.md"])
    with tarfile.open(archive) as opened:
        assert "notes.md" in opened.getnames()
    with pytest.raises(ConfigurationError, match=r"include_in_archive\.0"):
        archive_model(tmp_path / "run", include_in_archive=["config.json"])
    with pytest.raises(ConfigurationError, match=r"include_in_archive\.0"):
        archive_model(tmp_path / "run", include_in_archive=["../secret"])


def test_evaluation_averages_losses_over_batches():
    class Constant(torch.nn.Module):
        def forward(self, loss, weight):
            return {"loss": loss, "weight": weight}

        def get_metrics(self, reset=False):
            return {}

    batches = [{"loss": torch.tensor(value), "weight": torch.tensor(w)} for value, w in ((1.0, 1.0), (4.0, 3.0))]
    assert evaluate(Constant(), batches) == {"loss": 2.5}
    assert evaluate(Constant(), batches, batch_weight_key="weight") == {"loss": 3.25}
    with pytest.raises(ConfigurationError, match="batch_weight_key"):
        evaluate(Constant(), batches, batch_weight_key="wieght")


def test_labels_that_the_model_of_an_archive_does_not_tell_apart_are_named(config, tmp_path, train):
    config["trainer"]["num_epochs"] = 1
    train(config, tmp_path / "first")
    with Path(config["train_data_path"]).open("a") as file:
        file.write('{"text": "so so", "label": "meh"}\n')
    second = {**config, "model": {"type": "from_archive", "archive_file": str(tmp_path / "first")}}
    with pytest.raises(ConfigurationError, match=r'got data with "meh".*expected the labels.*"pos"'):
        train(second, tmp_path / "second")


def test_training_starts_from_the_weights_of_an_archive(config, tmp_path, train):
    config["trainer"].update(num_epochs=1, optimizer={"type": "sgd", "lr": 0.0})
    train(config, tmp_path / "first")
    second = {**config, "model": {"type": "from_archive", "archive_file": str(tmp_path / "first" / "model.tar.gz")}}
    train(second, tmp_path / "second")
    from safetensors.torch import load_file

    first, again = (load_file(tmp_path / name / "best.safetensors") for name in ("first", "second"))
    assert all(torch.equal(tensor, again[key]) for key, tensor in first.items())
