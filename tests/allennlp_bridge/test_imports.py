"""Code that was written for AllenNLP finds our classes where it looks for AllenNLP's."""

import subprocess
import sys
from pathlib import Path


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"import foldformer.allennlp\n{code}"], capture_output=True, text=True, check=False
    )


def test_classes_are_ours() -> None:
    code = (
        "from allennlp.models import Model\nfrom allennlp.data.fields import TextField\n"
        "import foldformer.data, foldformer.models\n"
        "assert Model is foldformer.models.Model and TextField is foldformer.data.TextField"
    )
    assert run(code).stderr == ""


def test_name_that_allennlp_never_had_is_an_import_error() -> None:
    finished = run("from allennlp.models import Modle")
    assert finished.returncode == 1
    assert "ImportError" in finished.stderr
    assert "Modle" in finished.stderr


def test_method_with_a_signature_of_its_own_may_say_that_it_overrides() -> None:
    code = (
        "from overrides import overrides\nfrom allennlp.data import DatasetReader\n"
        "class Reader(DatasetReader):\n"
        "    @overrides\n    def _read(self, file_path: str): yield\n"
        "    @overrides\n    def text_to_instance(self, words, tags=None): pass"
    )
    assert run(code).stderr == ""


def test_modules_that_transformers_moved_are_found_where_they_were() -> None:
    code = (
        "import transformers, transformers.tokenization_bert\n"
        "from transformers.modeling_bert import BertModel\nfrom transformers.configuration_auto import AutoConfig\n"
        "from transformers.models.bert import modeling_bert, tokenization_bert\n"
        "assert BertModel is transformers.BertModel and AutoConfig is transformers.AutoConfig\n"
        "assert transformers.tokenization_bert is tokenization_bert\n"
        "assert modeling_bert.__spec__.name == 'transformers.models.bert.modeling_bert'"
    )
    assert run(code).stderr == ""


def test_module_that_transformers_never_had_stays_an_import_error() -> None:
    for name in ("modeling_nonsense", "modeling_models", "parsing_bert"):
        finished = run(f"import transformers.{name}")
        assert finished.stderr.rstrip().endswith(f"ModuleNotFoundError: No module named 'transformers.{name}'")


def test_folder_called_as_a_library_does_not_hide_it(tmp_path: Path) -> None:
    (tmp_path / "transformers").mkdir()
    (tmp_path / "transformers" / "__init__.py").write_text("raise ImportError('of the project')")
    (tmp_path / "theirs.py").write_text("import transformers\nfrom allennlp.models import Model\n")
    for first in ("remove('')", f"insert(0, {str(tmp_path)!r})"):
        code = f"import sys; sys.path.{first}; from foldformer.commands import main; main()"
        command = [sys.executable, "-c", code, "list", "Trainer", "--include-package", "theirs"]
        finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stderr
        assert "gradient_descent" in finished.stdout
