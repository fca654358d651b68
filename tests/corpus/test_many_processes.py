"""Shards, worker processes and Ray: the same parts, whoever makes them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import torch

from foldformer.corpus import CorpusError, DocumentEmbedder, Input, RunOptions, Shard, embed_corpus
from foldformer.corpus.reading.load import load_corpus
from foldformer.corpus.reading.merge import merge_shards

PROGRAM = Path(__file__).with_name("run_on_ray.py")
OPTIONS = {"storage_dtype": "float32", "rows_per_part": 7}


@pytest.fixture(autouse=True)
def one_thread():
    """With another number of threads, sums come out in another order."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def whole(corpus, embedder, tmp_path) -> Path:
    """What one process makes."""
    embed_corpus(corpus, tmp_path / "whole", embedder, RunOptions(**OPTIONS))
    return tmp_path / "whole"


def test_shards_are_merged_into_what_one_run_makes(corpus, whole, embedder, part_bytes, tmp_path):
    out = tmp_path / "out"
    for number in (3, 1, 2):
        embed_corpus(corpus, out, embedder, RunOptions(**OPTIONS, shard=Shard(number, 3)))
        with pytest.raises(CorpusError, match="foldformer corpus merge"):
            load_corpus(out)
    summary = merge_shards(out)
    assert part_bytes(out) == part_bytes(whole)
    assert (summary.num_parts, summary.num_documents) == (9, 60)
    assert [document.id for document in load_corpus(out)] == [f"d{i}" for i in range(60)]


def test_merge_says_what_is_missing_or_does_not_belong(corpus, corpus_file, embedder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(CorpusError, match="got no shards"):
        merge_shards(out)
    embed_corpus(corpus, out, embedder, RunOptions(**OPTIONS, shard=Shard(1, 3)))
    with pytest.raises(CorpusError, match="shards 2/3 and 3/3 have not begun"):
        merge_shards(out)
    embed_corpus(corpus, out, embedder, RunOptions(**OPTIONS, shard=Shard(3, 3)))
    other = DocumentEmbedder.from_model(embedder.description["model"], max_length=12)
    embed_corpus(corpus, out, other, RunOptions(**OPTIONS, shard=Shard(2, 3)))
    with pytest.raises(CorpusError, match="max_length was 16 and is 12"):
        merge_shards(out)
    embed_corpus(corpus, out, embedder, RunOptions(**OPTIONS, shard=Shard(2, 3), force=True))
    (out / "part-00004.parquet").unlink()
    with pytest.raises(CorpusError, match=r"part-00004\.parquet: is not there"):
        merge_shards(out)
    embed_corpus(corpus, out, embedder, RunOptions(**OPTIONS, shard=Shard(2, 3)))
    assert merge_shards(out).num_parts == 9


def test_merge_joins_the_lists_of_skipped_records(embedder, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "a"}\n{\n[\n{"text": "b"}\n{\n')
    for number in (2, 1):
        options = RunOptions(rows_per_part=1, on_error="skip", shard=Shard(number, 2))
        embed_corpus(Input([str(path)]), tmp_path / "out", embedder, options)
    assert merge_shards(tmp_path / "out").num_skipped == 3
    entries = [json.loads(line) for line in (tmp_path / "out/_errors.jsonl").read_text().splitlines()]
    assert [entry["position"] for entry in entries] == [1, 2, 4]


def test_force_on_a_shard_leaves_the_other_shards_alone(corpus, embedder, part_bytes, tmp_path):
    out = tmp_path / "out"
    for number in (1, 2):
        embed_corpus(corpus, out, embedder, RunOptions(**OPTIONS, shard=Shard(number, 2)))
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("part-*")}
    embed_corpus(corpus, out, embedder, RunOptions(**OPTIONS, shard=Shard(2, 2), force=True))
    after = {path.name: path.stat().st_mtime_ns for path in out.glob("part-*")}
    assert {name for name in before if before[name] != after[name]} == {f"part-{i:05d}.parquet" for i in (1, 3, 5, 7)}


class KillsAWorker:
    """A monitor that kills one of the processes when it hears of the first part."""

    def __init__(self) -> None:
        self.killed: list[int] = []

    def resumed(self, parts, damaged):
        pass

    def document(self, document, fraction):
        raise AssertionError("nothing is embedded in this process")

    def part(self, part, fraction):
        if not self.killed:
            children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
            workers = [int(each) for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
            self.killed = workers[:1]
            for each in self.killed:
                os.kill(each, signal.SIGKILL)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc")
def test_workers_make_the_same_parts_even_if_one_is_killed(corpus, whole, embedder, part_bytes, tmp_path):
    monitor = KillsAWorker()
    threads = torch.get_num_threads()
    torch.set_num_threads(2)  # divided among the two
    try:
        summary = embed_corpus(corpus, tmp_path / "out", embedder, RunOptions(**OPTIONS, workers=2), monitor)
    finally:
        torch.set_num_threads(threads)
    assert len(monitor.killed) == 1
    assert summary.num_made == 9
    assert part_bytes(tmp_path / "out") == part_bytes(whole)


def test_bad_record_in_a_worker_ends_the_run_with_its_place(embedder, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "a"}\n{\n')
    with pytest.raises(CorpusError, match=r"in\.jsonl:2"):
        embed_corpus(Input([str(path)]), tmp_path / "out", embedder, RunOptions(rows_per_part=1, workers=2))


@pytest.fixture
def ray_folder():
    """A folder with a name so short that the sockets of a cluster in it have names that are short enough."""
    folder = tempfile.mkdtemp(prefix="r")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_ray_makes_the_same_parts_even_if_a_worker_is_killed(
    corpus_file, whole, embedder, part_bytes, ray_folder, tmp_path
):
    pytest.importorskip("ray")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RAY_TMPDIR": ray_folder}
    command = [sys.executable, str(PROGRAM), embedder.description["model"], str(corpus_file), str(tmp_path / "out")]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    result = json.loads(finished.stdout.splitlines()[-1])
    assert result["killed"] >= 1
    assert result["made"] == 9
    assert part_bytes(tmp_path / "out") == part_bytes(whole)
