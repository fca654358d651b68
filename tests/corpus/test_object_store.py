"""Output in an object store: the same bytes as in a folder, whatever happens to the run or the store."""

import json
import os
import pickle
import platform
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest

from foldformer.config import ConfigurationError
from foldformer.corpus import CorpusError, Input, RunOptions, Shard, embed_corpus, load_corpus
from foldformer.corpus.output import ledger, object_store
from foldformer.corpus.output.folder import StoredFile, file_checksum
from foldformer.corpus.output.places import output_folder
from foldformer.corpus.reading.merge import merge_shards
from foldformer.corpus.reading.verify import find_damage

pytest.importorskip("obstore")
pytest.importorskip("moto")

IN_PARTS = RunOptions("float32", 7)
PROGRAM = Path(__file__).with_name("runs_to_kill.py")


def content(url: str) -> dict[str, bytes]:
    """All that lies below a prefix, hidden or not."""
    store = output_folder(url)._store
    return {each["path"]: bytes(store.get(each["path"]).bytes()) for batch in store.list() for each in batch}


def parts(url: str) -> dict[str, bytes]:
    return {name: data for name, data in content(url).items() if name.startswith("part-")}


def test_parts_are_those_of_a_folder_and_nothing_else_is_left(corpus, whole, embedder, url):
    summary = embed_corpus(corpus, url, embedder, IN_PARTS)
    assert (summary.num_made, summary.num_documents, summary.folder) == (9, 60, url)
    assert parts(url) == whole
    assert set(content(url)) == {*whole, "_manifest.json"}
    assert embed_corpus(corpus, url, embedder, IN_PARTS).num_made == 0


def test_files_larger_than_a_request_are_put_in_several(url, tmp_path, monkeypatch):
    monkeypatch.setattr(object_store, "CHUNK", 5 * 2**20)
    data = random.Random(0).randbytes(12 * 2**20)
    folder = output_folder(url)
    with folder.unfinished("part-00000.parquet") as path:
        path.write_bytes(data)
        tag = folder.publish(path, "part-00000.parquet")
        assert folder.checksum("part-00000.parquet") == file_checksum(path)
    assert not path.exists()
    assert folder.files()["part-00000.parquet"] == StoredFile(len(data), tag)
    assert content(url) == {"part-00000.parquet": data}


def test_damaged_and_missing_parts_are_made_again_without_reading_the_others(corpus, whole, embedder, url, monkeypatch):
    embed_corpus(corpus, url, embedder, IN_PARTS)
    folder = output_folder(url)
    folder._store.delete("part-00002.parquet")
    damaged = bytearray(whole["part-00005.parquet"])
    damaged[100] ^= 1
    folder._store.put("part-00005.parquet", bytes(damaged))
    assert {each.file for each in find_damage(folder, load_corpus(url).manifest)} == {
        "part-00002.parquet",
        "part-00005.parquet",
    }
    read = []
    checksum = type(folder).checksum
    monkeypatch.setattr(type(folder), "checksum", lambda self, name: read.append(name) or checksum(self, name))
    assert embed_corpus(corpus, url, embedder, IN_PARTS).num_made == 2
    assert parts(url) == whole
    assert read == ["part-00005.parquet"]


def test_corpus_is_read_by_ranges(corpus, embedder, url, tmp_path):
    embed_corpus(corpus, url, embedder, IN_PARTS)
    embed_corpus(corpus, tmp_path / "folder", embedder, IN_PARTS)
    there, here = load_corpus(url), load_corpus(tmp_path / "folder")
    assert there.files[0] == f"{url}/part-00000.parquet"
    assert [document.id for document in there] == [document.id for document in here]
    for key in ("d0", "d59", 17):
        assert there[key].pieces == here[key].pieces
        assert (there[key].vectors == here[key].vectors).all()
    assert pickle.loads(pickle.dumps(there))["d3"].pieces == here["d3"].pieces
    table: pa.Table = there.dataset().to_table(columns=["id"])
    assert table["id"].to_pylist() == [document.id for document in here]


def test_skipped_records_are_listed_in_one_object_at_the_end(embedder, url, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "a"}\n{\n[\n{"text": "b"}\n{\n')
    options = RunOptions(rows_per_part=1, on_error="skip")
    embed_corpus(Input([str(path)]), tmp_path / "out", embedder, options)
    for _ in range(2):
        embed_corpus(Input([str(path)]), url, embedder, options)
        assert content(url)["_errors.jsonl"] == (tmp_path / "out/_errors.jsonl").read_bytes()
        assert not [name for name in content(url) if "/" in name]


def test_shards_are_merged(corpus, whole, embedder, url):
    for number in (2, 1):
        embed_corpus(corpus, url, embedder, RunOptions("float32", 7, shard=Shard(number, 2)))
        with pytest.raises(CorpusError, match="corpus merge"):
            load_corpus(url)
    assert merge_shards(url).num_parts == 9
    assert parts(url) == whole
    assert len(load_corpus(url)) == 60


def test_force_removes_what_runs_made_and_refuses_what_others_did(corpus, embedder, url):
    embed_corpus(corpus, url, embedder, IN_PARTS)
    with pytest.raises(CorpusError, match=r"rows was 7 and is 30"):
        embed_corpus(corpus, url, embedder, RunOptions("float32", 30))
    store = output_folder(url)._store
    store.put("mine.txt", b"mine")
    with pytest.raises(CorpusError, match=r'holds "mine\.txt", and no manifest'):
        embed_corpus(corpus, url, embedder, RunOptions("float32", 30, force=True))
    store.delete("mine.txt")
    assert embed_corpus(corpus, url, embedder, RunOptions("float32", 30, force=True)).num_made == 2
    assert len(content(url)) == 3


def test_input_below_the_output_is_refused(embedder, url):
    output_folder(url)._store.put("in.jsonl", b'{"text": "a"}\n')
    pytest.importorskip("s3fs")
    with pytest.raises(CorpusError, match="in which the input"):
        embed_corpus(Input([f"{url}/in.jsonl"]), url, embedder)


def test_second_run_is_refused_while_the_first_is_at_work(corpus, embedder, url):
    folder = output_folder(url)
    with folder.locked(), pytest.raises(CorpusError, match=r"another run is at work \(process \d+ on"):
        embed_corpus(corpus, url, embedder)
    assert embed_corpus(corpus, url, embedder).num_made == 1


def test_lease_of_another_machine_that_is_not_renewed_is_taken_over(corpus, embedder, url):
    stale = {"run": "x", "renewals": 3, "process": 1, "machine": "elsewhere", "system": "elsewhere"}
    output_folder(url)._store.put(".lease.json", json.dumps(stale).encode())
    assert embed_corpus(corpus, url, embedder).num_made == 1


def test_run_whose_lease_was_taken_over_writes_no_more(url):
    folder = output_folder(url)
    with folder.locked():
        folder._store.put(".lease.json", b'{"run": "another"}')
        folder._lease._done.wait(1.0)
        with pytest.raises(CorpusError, match="another run has taken over"):
            folder.replace("_errors.jsonl", b"")
    assert content(url)[".lease.json"] == b'{"run": "another"}'


def test_manifest_that_another_run_has_written_is_not_replaced(corpus, embedder, url):
    embed_corpus(corpus, url, embedder)
    folder = output_folder(url)
    manifest = folder.read("_manifest.json")
    folder._store.put("_manifest.json", manifest + b"\n")
    with pytest.raises(CorpusError, match=r"whose _manifest\.json another run has written meanwhile"):
        folder.replace("_manifest.json", manifest + b" ")


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("s3://nowhere/x", "^s3://nowhere/x: got no bucket of this name; expected one that is there"),
        ("ftp://host/x", "^ftp://host/x: got a URL of no store; expected a folder, or s3://"),
        ("s3://", "^s3://: got a URL of no store"),
    ],
)
def test_bad_urls_are_told_in_one_line(bad, message, corpus, embedder, url):
    for action in (lambda: embed_corpus(corpus, bad, embedder), lambda: load_corpus(bad), lambda: merge_shards(bad)):
        with pytest.raises(CorpusError, match=message) as refusal:
            action()
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "AccessDenied"), (403, "InvalidAccessKeyId"), (401, "Unauthorized"), (400, "ExpiredToken")],
)
def test_lack_of_permission_is_told_in_one_line(stores, status, code, corpus, embedder, url, endpoint, monkeypatch):
    with stores.proxy(endpoint, stores.Faults(forbid_after=0, forbidden=(status, code))) as address:
        stores.use(monkeypatch, address)
        for action in (lambda: embed_corpus(corpus, url, embedder), lambda: load_corpus(url)):
            with pytest.raises(
                CorpusError, match=rf"^{url}: got credentials that have no permission.*\({code}\)"
            ) as refusal:
                action()
            assert "\n" not in str(refusal.value)


def test_store_without_conditions_is_refused_unless_it_is_asked_for(
    stores, corpus, whole, embedder, url, endpoint, monkeypatch
):
    with stores.proxy(endpoint, stores.Faults(strip_conditions=True)) as address:
        stores.use(monkeypatch, address)
        with pytest.raises(CorpusError, match=r"ignores conditions.*--unsafe-store"):
            embed_corpus(corpus, url, embedder, IN_PARTS)
        assert content(url) == {}
        embed_corpus(corpus, url, embedder, RunOptions("float32", 7, unsafe_store=True))
        assert parts(url) == whole


def test_faults_of_the_store_change_nothing(stores, corpus, whole, embedder, url, endpoint, monkeypatch):
    faults = stores.Faults(every=5)
    with stores.proxy(endpoint, faults) as address:
        stores.use(monkeypatch, address)
        embed_corpus(corpus, url, embedder, IN_PARTS)
        assert parts(url) == whole
    assert faults.made > 5


def open_files() -> list[str]:
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [str(link.readlink()) for link in links]


def test_credentials_that_expire_end_the_run_in_one_line_and_new_ones_go_on(
    stores, corpus, whole, embedder, url, endpoint, monkeypatch, tmp_path
):
    (tmp_path / "unfinished").mkdir()
    monkeypatch.setattr(ledger, "WRITTEN_EVERY", 0.0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "unfinished"))
    with stores.proxy(endpoint, stores.Faults(forbid_after=20)) as address:
        stores.use(monkeypatch, address)
        with pytest.raises(CorpusError, match=r"no permission .* \((ExpiredToken|403 Forbidden)\);") as refusal:
            embed_corpus(corpus, url, embedder, IN_PARTS)
        assert "\n" not in str(refusal.value)
        # while the error holds on to the run
        assert list((tmp_path / "unfinished").iterdir()) == []
        assert [path for path in open_files() if path.startswith(str(tmp_path))] == []
    stores.use(monkeypatch, endpoint)
    made = embed_corpus(corpus, url, embedder, IN_PARTS).num_made
    assert 0 < made < 9
    assert parts(url) == whole


def run_program(kind: str, model: str, source: Path, output: str, *arguments: object) -> dict:
    """Run the program in a process of its own and give what it prints."""
    settings = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, str(PROGRAM), kind, model, str(source), output, *map(str, arguments)]
    finished = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@pytest.fixture
def text_file(tmp_path, text_of) -> Path:
    path = tmp_path / "in.txt"
    path.write_text("".join(f"{text_of(i)} {text_of(i + 1)}\n" for i in range(80)))
    return path


def test_twenty_kills_at_random_moments_leave_the_parts_of_an_undisturbed_run(
    tiny_model, text_file, embedder, part_bytes, url, tmp_path
):
    # takes half a minute: some thirty runs, each against a server in Python
    result = run_program("kill", tiny_model("bert"), text_file, url, 20, 7)
    assert result["killed"] == 20
    embed_corpus(Input([str(text_file)]), tmp_path / "whole", embedder, RunOptions("float32", 4))
    whole = part_bytes(tmp_path / "whole")
    assert parts(f"{url}/first") == whole
    for number in range(result["folders"]):
        assert parts(f"{url}/{number}") == whole
        assert set(content(f"{url}/{number}")) == {*whole, "_manifest.json"}


def test_of_eight_runs_at_a_time_one_writes_and_the_others_hear_which(
    tiny_model, text_file, embedder, part_bytes, url, tmp_path
):
    # takes some seconds: a process that imports torch
    (tmp_path / "refusals").mkdir()
    result = run_program("race", tiny_model("bert"), text_file, url, 8, tmp_path / "refusals")
    assert len(result["done"]) == 1, result
    assert len(result["refusals"]) == 7
    for message in result["refusals"]:
        assert f"in which another run is at work (process {result['done'][0]} on {platform.node()})" in message
        assert "\n" not in message
    embed_corpus(Input([str(text_file)]), tmp_path / "whole", embedder, RunOptions("float32", 4))
    assert parts(url) == part_bytes(tmp_path / "whole")
    assert ".lease.json" not in content(url)


class Stops:
    """A monitor that hears what is recorded, and ends the run at one document."""

    def __init__(self, at: int) -> None:
        self.left, self.parts = at, []

    def resumed(self, parts, damaged):
        pass

    def document(self, document, fraction):
        self.left -= 1
        if self.left == 0:
            raise OSError("the lights go out")

    def part(self, part, fraction):
        self.parts.append((part.index, self.left))


def test_part_goes_up_while_the_next_is_computed_and_is_recorded_before_an_error_of_that_ends_the_run(
    corpus, whole, embedder, url
):
    monitor = Stops(at=7 * 3 + 2)
    with pytest.raises(CorpusError, match="the lights go out"):
        embed_corpus(corpus, url, embedder, IN_PARTS, monitor)
    # a part is recorded when the one after it has been computed, the last one when the error came
    assert monitor.parts == [(0, 9), (1, 2), (2, 0)]
    assert embed_corpus(corpus, url, embedder, IN_PARTS).num_made == 6
    assert parts(url) == whole


def test_workers_write_to_a_store(corpus, whole, embedder, url):
    # takes some seconds: two processes that import torch
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        embed_corpus(corpus, url, embedder, RunOptions("float32", 7, workers=2))
    finally:
        torch.set_num_threads(threads)
    assert parts(url) == whole


def test_no_credentials_are_told_in_one_line(corpus, embedder, url, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(CorpusError, match="got no credentials; expected variables") as refusal:
        embed_corpus(corpus, url, embedder)
    assert "\n" not in str(refusal.value)


def test_lack_of_the_package_is_told(url, monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'foldformer\[cloud\]'"):
        load_corpus(url)
