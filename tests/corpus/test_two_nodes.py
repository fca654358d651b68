"""A Ray cluster whose machines share nothing but an object store."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from foldformer.corpus import RunOptions, embed_corpus, load_corpus
from foldformer.corpus.output.places import output_folder
from foldformer.corpus.reading.verify import find_damage

pytest.importorskip("ray")
pytestmark = pytest.mark.cluster
PROGRAM = Path(__file__).with_name("run_on_two_nodes.py")


@pytest.fixture
def short_folder():
    """A folder with a name so short that the sockets of a cluster in it have names that are short enough."""
    folder = tempfile.mkdtemp(prefix="r")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc")
def test_cluster_that_loses_a_node_writes_the_parts_of_one_process(
    corpus, corpus_file, embedder, stores, url, part_bytes, short_folder, tmp_path
):
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}  # else nodes refuse each other
    patience = {"RAY_health_check_period_ms": "1000", "RAY_health_check_failure_threshold": "3"}
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **token, **patience}
    with stores.files_of(corpus_file.parent) as address:
        source = f"{address}/{corpus_file.name}"
        command = [sys.executable, str(PROGRAM), embedder.description["model"], source, url, short_folder]
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    result = json.loads(finished.stdout.splitlines()[-1])
    assert result["killed"] >= 2  # what starts actors, and an actor
    embed_corpus(corpus, tmp_path / "whole", embedder, RunOptions("float32", 2))
    store = output_folder(url)._store
    whole = part_bytes(tmp_path / "whole")
    assert len(whole) == 30
    assert {name: bytes(store.get(name).bytes()) for name in whole} == whole
    assert set(output_folder(url).files()) == {*whole, "_manifest.json"}
    assert find_damage(output_folder(url), load_corpus(url).manifest) == []
