"""Folders in which somebody has planted numbers and links."""

import json
import logging
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.local import LocalFolder
from foldformer.corpus.output.manifest import DESCRIBED, Manifest, part_name
from foldformer.corpus.output.skipped import SkippedList
from foldformer.corpus.output.storage import Storage
from foldformer.corpus.reading.export_state import read_state
from foldformer.corpus.reading.load import load_corpus
from foldformer.corpus.reading.merge import merge_shards
from foldformer.corpus.reading.verify import find_damage
from foldformer.engine.vector_cache import FILE_NAME, VectorCache
from foldformer.text.files import cached_path

EMBEDDER = dict.fromkeys(DESCRIBED, "x") | {"dim": 4, "storage_dtype": "float32"}
PART = {
    "index": 0, "rows": 1, "first": 0, "last": 0, "skipped": 0, "bytes": 1, "sha256": "", "input_digest": "",
    "num_wordpieces": 1, "num_pieces": 1, "num_segments": 1, "seconds": 0.5,
}  # fmt: skip


def manifest(parts=(), embedder=None, **changes):
    data = {"format": 1, "shard": None, "num_parts": None, "num_records": None, "parts": parts}
    return json.dumps(data | {"fingerprint": {"embedder": EMBEDDER | (embedder or {})}} | changes).encode()


def test_honest_manifests_are_read():
    read = Manifest.from_json(manifest([PART], num_parts=1, num_records=1, shard="1/3"), "m")
    assert (read.num_parts, read.parts[0].rows, read.shard) == (1, 1, "1/3")
    assert Manifest.from_json(manifest(num_parts=0, num_records=0), "m").num_parts == 0


@pytest.mark.parametrize("key", ["index", "rows", "first", "last", "skipped", "bytes", "num_pieces", "num_segments"])
@pytest.mark.parametrize("value", [-2, True, 1.0, "1", None, 10**30])
def test_numbers_of_parts_are_checked(key, value):
    with pytest.raises(CorpusError, match=rf"parts\.{key} is") as caught:
        Manifest.from_json(manifest([PART | {key: value}]), "m")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("num_parts", 1e11), ("num_parts", 10**11), ("num_parts", -1), ("num_parts", True), ("num_parts", "3"),
        ("num_parts", 0), ("num_records", -1), ("num_records", 1e3), ("num_records", 10**30), ("shard", "4/3"),
        ("shard", 3), ("shard", "1" * 5000 + "/2"), ("parts", {}), ("fingerprint", []),
    ],
)  # fmt: skip
def test_numbers_of_a_manifest_are_checked(key, value):
    with pytest.raises(CorpusError, match=key):
        Manifest.from_json(manifest(**{"parts": [PART], "num_records": 3, "num_parts": 2} | {key: value}), "m")


@pytest.mark.parametrize("dim", [0, -1, 10**11, "4", None, True])
def test_width_of_vectors_is_checked(dim):
    with pytest.raises(CorpusError, match="dim is"):
        Manifest.from_json(manifest(embedder={"dim": dim}), "m")


def test_json_nested_without_end_is_no_manifest_nor_list_nor_state(tmp_path):
    deep = b"[" * 10**5
    with pytest.raises(CorpusError, match="no manifest"):
        Manifest.from_json(deep, "m")
    for name in ("_errors.jsonl", "_export.json"):
        (tmp_path / name).write_bytes(deep + b"\n")
    with pytest.raises(CorpusError, match="expected an entry"):
        SkippedList(LocalFolder(tmp_path)).entries()
    with pytest.raises(CorpusError, match="what no export wrote"):
        read_state(LocalFolder(tmp_path))


def test_parts_that_were_never_made_are_named_a_thousand_at_a_time(tmp_path):
    said = Manifest.from_json(manifest(num_parts=10**11, num_records=10**11), "m")
    damages = find_damage(LocalFolder(tmp_path), said, [])
    assert len(damages) == 1001
    assert damages[0].file == part_name(0)
    assert "99,999,999,000 parts more" in damages[-1].reason


def test_shards_that_never_began_are_counted_and_not_listed(tmp_path):
    (tmp_path / f"_manifest-1-of-{10**11}.json").write_bytes(manifest(shard=f"1/{10**11}"))
    with pytest.raises(CorpusError, match="and 99999999993 more have not begun"):
        merge_shards(tmp_path)


def test_part_that_is_other_than_its_manifest_says_is_refused(tmp_path):
    schema = Storage(4, "float32").schema(EMBEDDER)
    empty = pa.table({name: pa.array([], schema.field(name).type) for name in schema.names}, schema)
    (tmp_path / "_manifest.json").write_bytes(manifest([PART | {"rows": 3}], num_parts=1, num_records=3))
    pq.write_table(empty, tmp_path / part_name(0))
    with pytest.raises(CorpusError, match="it has 0 rows, and the manifest says 3"):
        load_corpus(tmp_path)[0]
    pq.write_table(pa.table({"id": ["a", "b", "c"]}), tmp_path / part_name(0))
    with pytest.raises(CorpusError, match='its column "pieces" is none of'):
        load_corpus(tmp_path)["a"]


@pytest.fixture
def precious(tmp_path):
    file = tmp_path / "outside" / "precious"
    file.parent.mkdir()
    file.write_text("precious")
    yield file
    assert file.read_text() == "precious"


@pytest.mark.parametrize(
    "name", [".lock", "_manifest.json", "_errors.jsonl", "_journal.jsonl", "part-00000.parquet", "rows"]
)
def test_output_folder_with_links_is_refused(tmp_path, precious, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(precious.parent if name == "rows" else precious)
    with pytest.raises(CorpusError, match=f'"{name}" are links'), LocalFolder(tmp_path / "out").locked():
        pass


def test_link_that_is_planted_during_a_run_is_not_written_through(tmp_path, precious):
    folder = LocalFolder(tmp_path / "out")
    with folder.locked():
        for name in ("_errors.jsonl", "_manifest.json"):
            (folder.path / name).symlink_to(precious)
        with pytest.raises(OSError, match=r"_errors\.jsonl"):
            folder.append("_errors.jsonl", "part-00000", b"line\n")
        folder.replace("_manifest.json", b"new")
    assert (folder.path / "_manifest.json").read_bytes() == b"new"
    assert not (folder.path / "_manifest.json").is_symlink()


def test_name_of_an_unfinished_file_cannot_be_foreseen_and_is_removed_by_the_next_run(tmp_path):
    folder = LocalFolder(tmp_path)
    with folder.unfinished("part-00000.parquet") as first, folder.unfinished("part-00000.parquet") as second:
        assert first != second
    first.touch()
    with folder.locked():
        assert not first.exists()


def test_cache_of_somebody_else_is_not_believed(tmp_path, caplog):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "text")
    cache = VectorCache(tmp_path / "cache")
    rows = [torch.zeros(2, 3)]
    with caplog.at_level(logging.WARNING):
        cache.fill([b"key"], rows, lambda _: [torch.ones(2, 3)])
    assert rows[0].sum() == 6
    assert "expected a folder of your own" in caplog.text
    with pytest.raises(ConfigurationError, match=r"expected a folder of your own.*FOLDFORMER_CACHE"):
        cached_path(f"{tmp_path / 'a.zip'}!a.txt", cache_dir=tmp_path / "cache")


def test_link_in_place_of_the_vectors_is_left_alone(tmp_path, precious, caplog):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / FILE_NAME).symlink_to(precious)
    with caplog.at_level(logging.WARNING):
        VectorCache(tmp_path / "cache").fill([b"key"], [torch.zeros(2, 3)], lambda _: [torch.ones(2, 3)])
    assert "it is a link" in caplog.text
