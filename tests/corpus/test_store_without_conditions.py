"""Output in s3rver, a store that takes conditional requests and ignores the conditions."""

import logging
import shutil
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

from foldformer.corpus import CorpusError, RunOptions, embed_corpus, load_corpus
from foldformer.corpus.output.places import output_folder
from foldformer.corpus.reading.verify import find_damage

pytest.importorskip("obstore")
CACHE = Path(__file__).parents[2] / ".cache" / "s3rver"
PACKAGE = "s3rver@3.7.1"


@pytest.fixture(scope="module")
def program() -> Path:
    """s3rver, installed once for all runs of the tests."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, which brings s3rver")
    CACHE.mkdir(parents=True, exist_ok=True)
    program = CACHE / "node_modules" / ".bin" / "s3rver"
    with FileLock(CACHE / ".lock"):
        if not program.exists():
            command = [npm, "install", "--prefix", str(CACHE), "--no-audit", "--no-fund", PACKAGE]
            installed = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
            if installed.returncode:
                pytest.skip(f"npm cannot install {PACKAGE}: {installed.stderr.strip().splitlines()[-1:]}")
    return program


@pytest.fixture
def url(stores, program, monkeypatch, tmp_path) -> str:
    with stores.s3rver(program, tmp_path / "s3rver") as address:
        stores.use(monkeypatch, address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "S3RVER")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "S3RVER")
        yield f"s3://{stores.BUCKET}/vectors"


def names(url: str) -> list[str]:
    return sorted(each["path"] for batch in output_folder(url)._store.list() for each in batch)


def test_store_is_refused_in_one_line_and_nothing_is_left_there(corpus, embedder, url):
    with pytest.raises(CorpusError, match=r"whose store ignores conditions.*--unsafe-store$") as refusal:
        embed_corpus(corpus, url, embedder)
    assert "\n" not in str(refusal.value)
    assert names(url) == []


def test_who_asks_for_it_is_told_what_it_means_and_gets_the_same_parts(corpus, whole, embedder, url, caplog):
    options = RunOptions("float32", 7, unsafe_store=True)
    with caplog.at_level(logging.WARNING):
        assert embed_corpus(corpus, url, embedder, options).num_made == 9
    assert f"{url}: the store ignores conditions, so that nothing keeps a second run from" in caplog.text
    assert names(url) == ["_manifest.json", *whole]
    store = output_folder(url)._store
    assert {name: bytes(store.get(name).bytes()) for name in whole} == whole
    store.delete("part-00003.parquet")
    assert embed_corpus(corpus, url, embedder, options).num_made == 1
    assert find_damage(output_folder(url), load_corpus(url).manifest) == []
