"""A tiny embedder and small corpora."""

import importlib.util
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from foldformer.corpus import DocumentEmbedder, Input, InputOptions, Keys, RunOptions, embed_corpus
from foldformer.corpus.output import lease

WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "lazy", "dog", "and", "never", "stops"]
PREFIXES = itertools.count()


def _text_of(number: int) -> str:
    return " ".join(WORDS[(number * 7 + i * 3) % len(WORDS)] for i in range(number * 13 % 41))


@pytest.fixture(scope="session")
def text_of() -> Callable[[int], str]:
    """A document whose length and words depend on its number."""
    return _text_of


@pytest.fixture(scope="session")
def part_bytes() -> Callable[[Path], dict[str, bytes]]:
    """Every part in a folder."""
    return lambda folder: {path.name: path.read_bytes() for path in sorted(folder.glob("part-*.parquet"))}


@pytest.fixture(scope="session")
def embedder(tiny_model) -> DocumentEmbedder:
    """A tiny BERT that folds."""
    return DocumentEmbedder.from_model(tiny_model("bert"), max_length=16)


@pytest.fixture
def corpus_file(tmp_path: Path) -> Path:
    """60 documents as JSON lines, some of them empty."""
    path = tmp_path / "in.jsonl"
    records = ({"name": f"d{i}", "text": _text_of(i), "year": 1900 + i} for i in range(60))
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture
def corpus(corpus_file: Path) -> Input:
    """The same, as it is read."""
    return Input([str(corpus_file)], InputOptions(keys=Keys(id="name")))


@pytest.fixture(scope="session")
def stores():
    """The module with object stores on this machine."""
    spec = importlib.util.spec_from_file_location("stores", Path(__file__).with_name("stores.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def endpoint(stores):
    """The address of a store that knows conditional writes."""
    pytest.importorskip("obstore")
    pytest.importorskip("moto")
    with stores.moto() as address:
        yield address


@pytest.fixture
def url(stores, endpoint, monkeypatch) -> str:
    """A prefix in it that nobody has used."""
    stores.use(monkeypatch, endpoint)
    monkeypatch.setattr(lease, "HOLDS", 3.0)
    monkeypatch.setattr(lease, "RENEWED", 0.3)
    return f"s3://{stores.BUCKET}/run{next(PREFIXES)}/vectors"


@pytest.fixture
def whole(corpus, embedder, part_bytes, tmp_path) -> dict[str, bytes]:
    """The parts of the corpus, seven documents in each, as a run makes them in a folder."""
    embed_corpus(corpus, tmp_path / "whole", embedder, RunOptions("float32", 7))
    return part_bytes(tmp_path / "whole")
