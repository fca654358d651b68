"""No other library is imported, or asked for, before somebody uses it."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
LIBRARIES = {
    "datasets",
    "haystack",
    "langchain_core",
    "lightning",
    "llama_index",
    "ludwig",
    "sentence_transformers",
    "sklearn",
}
CORE = {
    "torch",
    "transformers",
    "overrides",
    "jsonnet",
    "typing-extensions",
    "numpy",
    "pyarrow",
    "pyyaml",
    "filelock",
    "fsspec",
    "typer",
    "rich",
}
SCRIPT = """
import sys
from transformers import AutoModel
AutoModel.from_pretrained(sys.argv[1])
theirs = set(sys.modules)  # transformers 5.20, the last one for Python 3.10, imports scikit-learn
import embedders, indexers
import foldformer.commands, foldformer.corpus, foldformer.integrations, foldformer.training
from foldformer.data import DatasetReader
from foldformer.embedding import DocumentEmbedder

assert "datasets_classification" in DatasetReader.list_available()
[document] = DocumentEmbedder(sys.argv[1], level="document").embed(["a quick fox"])
assert document.vectors.any()
before = set(sys.modules) - theirs
import foldformer.integrations.scikit_learn
print(*(name for name in {names!r} if name in before))
print(*(name for name in {names!r} if name in sys.modules))
"""


def test_libraries_are_imported_by_what_uses_them_alone(tiny_bert_folder):
    command = [sys.executable, "-c", SCRIPT.replace("{names!r}", repr(sorted(LIBRARIES))), tiny_bert_folder]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    before, after = finished.stdout.split("\n")[:2]
    assert before == ""
    assert after == "sklearn"


def test_the_core_needs_no_more_than_it_did():
    setup = configparser.ConfigParser()
    setup.read(PROJECT / "setup.cfg")
    lines = setup["options"]["install_requires"].split()
    assert {re.split(r"[\[<>=]", line)[0] for line in lines} == CORE
