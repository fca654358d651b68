"""What an archive's configuration asks for is refused in one line, unless the caller trusts it."""

import json
import sys
import types
from functools import partial

import pytest

from foldformer.config import ConfigurationError
from foldformer.config.trust import archives_trusted, built_from
from foldformer.data import DatasetReader
from foldformer.models import Model
from foldformer.text.files import cached_path
from foldformer.text.pretrained import load_tokenizer
from foldformer.training import load_archive
from foldformer.training.archives.export import export_model, export_transformer
from foldformer.training.predictors import Predictor


@pytest.fixture
def archive(tmp_path):
    """Makes a training folder of a configuration; weights and vocabulary are never reached."""

    def make(config):
        folder = tmp_path / "archive"
        (folder / "vocabulary").mkdir(parents=True)
        (folder / "vocabulary" / "non_padded_namespaces.txt").write_text("*tags\n")
        (folder / "best.safetensors").write_bytes(b"")
        (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
        return folder

    return make


def refused(folder, match, **kwargs):
    with pytest.raises(ConfigurationError, match=match) as caught:
        load_archive(folder, **kwargs)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("code", ['importstr "/etc/hostname"', 'std.extVar("HOME")', "1 + 1"])
def test_configuration_is_never_evaluated(archive, code):
    refused(archive(f'{{"dataset_reader": {{"type": {code}}}}}'), "plain JSON", trust=True)


READER = {"type": "text_classification_json"}


def test_class_path_is_refused_before_its_module_is_imported(archive, tmp_path, monkeypatch):
    touch = f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n"
    (tmp_path / "evil_module.py").write_text(touch + "class Evil: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    folder = archive({"dataset_reader": {"type": "evil_module.Evil"}})
    refused(folder, "evil_module.Evil.*--trust-archive")
    assert not (tmp_path / "ran").exists()
    with pytest.raises(ConfigurationError):
        load_archive(folder, trust=True)
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "path", ["foldformer.__main__.Any", "foldformer.integrations.scikit_learn.Any", "indexers.no.Any"]
)
def test_module_of_a_known_package_is_not_imported_for_its_effects(archive, path, monkeypatch):
    module = path.rpartition(".")[0]
    parent, _, name = module.rpartition(".")
    monkeypatch.delattr(sys.modules.get(parent), name, raising=False)
    monkeypatch.delitem(sys.modules, module, raising=False)
    refused(archive({"dataset_reader": {"type": path}}), rf"{path}.*whose module is not imported.*--trust-archive")
    assert module not in sys.modules


def test_module_of_the_callers_package_is_asked_for_nothing(monkeypatch):
    asked = []
    module = types.ModuleType("foldformer.lively")
    module.__getattr__ = asked.append
    monkeypatch.setitem(sys.modules, "foldformer.lively", module)
    with built_from("a.tar.gz"), pytest.raises(ConfigurationError, match="--trust-archive"):
        DatasetReader.by_name("foldformer.lively.Reader")
    assert asked == []


@pytest.mark.parametrize("name", ["config.json", "pretrained/names.json"])
@pytest.mark.parametrize("depth", [500, 10**5])
def test_json_nested_without_end_is_one_line(archive, name, depth):
    folder = archive({"dataset_reader": READER})
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text('{"a":' * depth + "1" + "}" * depth)
    refused(folder, "nested|plain JSON|no list of copies")


@pytest.mark.parametrize("token", [["x"], 3, None, {"a": 1}])
def test_special_tokens_of_the_vocabulary_are_texts(archive, token):
    config = {"dataset_reader": READER, "model": {"type": "basic_classifier"}, "vocabulary": {"oov_token": token}}
    refused(archive(config), r"vocabulary\.oov_token: got .*expected a string")


def test_trust_means_the_same_for_every_python_front(archive, tmp_path, monkeypatch):
    touch = f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n"
    (tmp_path / "evil_front.py").write_text(touch)
    monkeypatch.syspath_prepend(tmp_path)
    folder = archive({"dataset_reader": {"type": "evil_front.Evil"}})
    exported = partial(export_transformer, folder=tmp_path / "new")
    as_pipeline = partial(export_model, folder=tmp_path / "new")
    fronts = (load_archive, Predictor.from_path, exported, as_pipeline)
    for front in fronts:
        with pytest.raises(ConfigurationError, match="--trust-archive"):
            front(folder)
        assert not (tmp_path / "ran").exists()
        with pytest.raises(ConfigurationError, match="evil_front has no class"):
            front(folder, trust=True)
        assert (tmp_path / "ran").exists()
        (tmp_path / "ran").unlink()
        del sys.modules["evil_front"]


def test_class_that_is_no_component_of_the_kind_is_refused(archive):
    refused(archive({"dataset_reader": {"type": "foldformer.text.vocabulary.Vocabulary"}}), "which is no DatasetReader")


def test_imported_module_is_no_included_package(archive):
    refused(archive({"dataset_reader": {"type": "subprocess.Popen", "args": "true"}}), "subprocess.Popen.*--trust")


def test_other_archives_are_refused(archive, tmp_path):
    model = {"type": "from_archive", "archive_file": str(tmp_path / "archive")}
    refused(archive({"dataset_reader": READER, "model": model}), "another archive")


def test_type_of_the_vocabulary_is_checked(archive):
    config = {"dataset_reader": READER, "model": {"type": "basic_classifier"}, "vocabulary": {"type": ["x"]}}
    refused(archive(config), r"vocabulary\.type")


def test_url_is_refused_before_it_is_fetched():
    with built_from("a.tar.gz"), pytest.raises(ConfigurationError, match=r"http://localhost:9/x.*--trust-archive"):
        cached_path("http://localhost:9/x")


def test_remote_code_is_refused_by_the_archive_and_its_trust_is_what_counts():
    with built_from("a.tar.gz"), pytest.raises(ConfigurationError, match=r"trust_remote_code.*--trust-archive"):
        load_tokenizer("absent/model", trust_remote_code=True)
    with archives_trusted(), built_from("a.tar.gz"), pytest.raises(ConfigurationError, match="absent/model"):
        load_tokenizer("absent/model", trust_remote_code=True)


def test_registered_names_and_known_packages_are_free():
    with built_from("a.tar.gz"):
        assert Model.by_name("basic_classifier")
        assert DatasetReader.by_name("foldformer.data.dataset_readers.TextClassificationJsonReader")
