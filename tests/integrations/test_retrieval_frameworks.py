"""LangChain, LlamaIndex and Haystack with our module, by the snippets of docs/integrations.md, where installed."""

import importlib.util
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling

from foldformer.integrations.sentence_transformers import FoldformerModule

PROJECT = Path(__file__).parents[2]
TEXTS = ["a quick fox jumps over " * 99, "the dog"]


def snippet_for(package: str) -> str:
    spec = importlib.util.spec_from_file_location("run_page", PROJECT / "tests" / "run_page.py")
    run_page = importlib.util.module_from_spec(spec)
    sys.modules["run_page"] = run_page  # its dataclasses look their module up
    spec.loader.exec_module(run_page)
    page = (PROJECT / "docs" / "integrations.md").read_text(encoding="utf-8")
    [found] = [each for each in run_page.snippets_of(page) if each.directive.startswith(f"not run: needs {package};")]
    return found.text


def of_length_1(vectors: object) -> np.ndarray:
    rows = np.array(vectors)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.filterwarnings("ignore")  # theirs
@pytest.mark.parametrize(
    "package", ["langchain-huggingface", "llama-index-embeddings-huggingface", "sentence-transformers-haystack"]
)
def test_snippet_gives_the_vectors_of_the_folded_texts(package, tiny_bert_folder, tmp_path, monkeypatch):
    snippet = snippet_for(package)
    try:
        distribution(package)
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed")
    monkeypatch.setenv("HAYSTACK_TELEMETRY_ENABLED", "False")
    monkeypatch.chdir(tmp_path)
    module = FoldformerModule(tiny_bert_folder, max_length=96)
    model = SentenceTransformer(modules=[module, Pooling(module.get_embedding_dimension())], device="cpu")
    model.save_pretrained("folding")
    names: dict[str, object] = {}
    exec(snippet, names)
    expected = of_length_1(model.encode(TEXTS))  # as LlamaIndex makes them
    np.testing.assert_allclose(of_length_1(names["vectors"]), expected, atol=1e-5)
    if "query" in names:
        np.testing.assert_allclose(of_length_1([names["query"]]), expected[1:], atol=1e-5)
