"""Whole runs in one process: what comes out, going on, refusing, repairing."""

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from foldformer.config import ConfigurationError
from foldformer.corpus import (
    CorpusError,
    DocumentEmbedder,
    Input,
    InputOptions,
    KeptKey,
    Keys,
    RayOptions,
    RunOptions,
    embed_corpus,
)
from foldformer.corpus.output.folder import file_checksum
from foldformer.corpus.output.local import LocalFolder
from foldformer.corpus.output.manifest import Manifest
from foldformer.corpus.reading.verify import find_damage
from foldformer.text.pretrained import load_tokenizer

SMALL_PARTS = RunOptions(storage_dtype="float32", rows_per_part=7)
"""60 documents make 9 parts."""


def manifest_of(folder: Path) -> Manifest:
    return Manifest.from_json((folder / "_manifest.json").read_bytes(), "_manifest.json")


class Stop(Exception):
    """Ends a run from inside."""


class StopsAfter:
    """A monitor that ends the run when it hears of the n-th document."""

    def __init__(self, num_documents: int) -> None:
        self.left = num_documents

    def resumed(self, parts, damaged):
        pass

    def document(self, document, fraction):
        self.left -= 1
        if self.left < 0:
            raise Stop

    def part(self, part, fraction):
        pass


def test_rows_are_the_documents_in_order_with_the_vectors_of_the_embedder(
    corpus, corpus_file, embedder, tmp_path, text_of
):
    keep = (KeptKey("year", "int64"),)
    documents = Input([str(corpus_file)], InputOptions(keys=Keys(id="name", keep=keep)))
    summary = embed_corpus(documents, tmp_path / "out", embedder, SMALL_PARTS)
    parts = sorted((tmp_path / "out").glob("part-*.parquet"))
    assert [path.name for path in parts] == [f"part-{i:05d}.parquet" for i in range(9)]
    rows = [row for path in parts for row in pq.read_table(path).to_pylist()]
    assert [(row["id"], row["year"]) for row in rows] == [(f"d{i}", 1900 + i) for i in range(60)]
    for row, expected in zip(rows, embedder.embed([text_of(i) for i in range(60)]), strict=True):
        assert row["pieces"] == expected.pieces
        assert row["starts"] == expected.starts.tolist()
        assert row["num_segments"] == expected.num_segments
        vectors = np.array(row["vectors"], np.float32).reshape(-1, embedder.dim)
        np.testing.assert_allclose(vectors, expected.vectors, atol=1e-5)
    assert summary.num_documents == 60
    assert summary.num_parts == summary.num_made == 9
    assert summary.num_wordpieces == sum(len(row["pieces"]) for row in rows)
    assert summary.num_segments == sum(row["num_segments"] for row in rows)
    assert summary.num_bytes == sum(path.stat().st_size for path in parts)


def test_metadata_of_a_part_names_model_options_and_versions(corpus, embedder, tmp_path):
    embed_corpus(corpus, tmp_path / "out", embedder)
    metadata = json.loads(pq.read_schema(tmp_path / "out/part-00000.parquet").metadata[b"foldformer"])
    assert metadata["model"] == embedder.description["model"]
    assert metadata["max_length"] == 16
    assert metadata["storage_dtype"] == "float16"
    assert {"torch", "transformers", "pyarrow"} <= metadata["versions"].keys()


def test_manifest_lists_parts_with_positions_and_checksums(corpus, embedder, tmp_path):
    embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS)
    manifest = manifest_of(tmp_path / "out")
    assert (manifest.num_parts, manifest.num_records) == (9, 60)
    assert [(part.first, part.last) for part in manifest.parts.values()] == [
        (7 * i, min(7 * i + 6, 59)) for i in range(9)
    ]
    for part in manifest.parts.values():
        assert part.sha256 == file_checksum(tmp_path / "out" / part.name)
    assert find_damage(LocalFolder(tmp_path / "out"), manifest) == []


@pytest.mark.parametrize("num_documents", [0, 5, 7, 30, 59])
def test_run_that_was_stopped_goes_on_to_the_same_bytes(num_documents, corpus, embedder, tmp_path, part_bytes):
    embed_corpus(corpus, tmp_path / "whole", embedder, SMALL_PARTS)
    with pytest.raises(Stop):
        embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS, StopsAfter(num_documents))
    assert len(part_bytes(tmp_path / "out")) == num_documents // 7
    assert not list((tmp_path / "out").glob(".*.partial"))
    summary = embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS)
    assert summary.num_made == 9 - num_documents // 7
    assert part_bytes(tmp_path / "out") == part_bytes(tmp_path / "whole")


def test_finished_run_makes_nothing_again(corpus, embedder, tmp_path):
    embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS)
    times = [path.stat().st_mtime_ns for path in (tmp_path / "out").glob("part-*")]
    assert embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS).num_made == 0
    assert [path.stat().st_mtime_ns for path in (tmp_path / "out").glob("part-*")] == times


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


@pytest.mark.parametrize("harm", [flip, truncate, Path.unlink])
@pytest.mark.parametrize("index", [0, 4, 8])
def test_damage_is_named_and_repaired_and_nothing_else_is_touched(harm, index, corpus, embedder, tmp_path, part_bytes):
    embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS)
    whole = part_bytes(tmp_path / "out")
    name = f"part-{index:05d}.parquet"
    others = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("part-*") if path.name != name}
    harm(tmp_path / "out" / name)
    found = find_damage(LocalFolder(tmp_path / "out"), manifest_of(tmp_path / "out"))
    assert [damage.file for damage in found] == [name]
    assert embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS).num_made == 1
    assert part_bytes(tmp_path / "out") == whole
    assert {path: path.stat().st_mtime_ns for path in others} == others


def test_run_with_other_options_is_refused_with_what_differs(corpus, embedder, tiny_model, tmp_path):
    embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS)
    with pytest.raises(CorpusError, match=r'embedder.storage_dtype was "float32" and is "float16"'):
        embed_corpus(corpus, tmp_path / "out", embedder, RunOptions(rows_per_part=7))
    with pytest.raises(CorpusError, match=r"parts.rows was 7 and is 8"):
        embed_corpus(corpus, tmp_path / "out", embedder, RunOptions("float32", 8))
    other = DocumentEmbedder.from_model(tiny_model("bert"), max_length=20)
    with pytest.raises(CorpusError, match=r"embedder.max_length was 16 and is 20"):
        embed_corpus(corpus, tmp_path / "out", other, SMALL_PARTS)


def test_other_weights_under_the_same_name_are_refused(corpus, tiny_model, tmp_path):
    import safetensors.torch

    folder = tmp_path / "model"
    shutil.copytree(tiny_model("bert"), folder)
    embed_corpus(corpus, tmp_path / "out", DocumentEmbedder.from_model(str(folder), max_length=16), SMALL_PARTS)
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    weights["embeddings.LayerNorm.bias"][0] += 1e-3
    safetensors.torch.save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(CorpusError, match="weights was"):
        embed_corpus(corpus, tmp_path / "out", DocumentEmbedder.from_model(str(folder), max_length=16), SMALL_PARTS)


def test_force_starts_anew_and_leaves_foreign_files(corpus, embedder, tmp_path, part_bytes):
    embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS)
    embed_corpus(corpus, tmp_path / "other", embedder, RunOptions("float32", 30))
    (tmp_path / "out/mine.txt").write_text("keep me")
    (tmp_path / "other/mine.txt").write_text("keep me")
    with pytest.raises(CorpusError, match=r"mine\.txt"):
        embed_corpus(corpus, tmp_path / "out", embedder, RunOptions("float32", 30, force=True))
    assert (tmp_path / "out/mine.txt").read_text() == "keep me"
    assert len(part_bytes(tmp_path / "out")) == 9
    (tmp_path / "out/mine.txt").unlink()
    embed_corpus(corpus, tmp_path / "out", embedder, RunOptions("float32", 30, force=True))
    assert part_bytes(tmp_path / "out") == part_bytes(tmp_path / "other")


def test_changed_record_is_refused_even_where_the_size_stays(corpus, corpus_file, embedder, tmp_path):
    embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS)
    corpus_file.write_text(corpus_file.read_text().replace('"d20"', '"x20"'))
    with pytest.raises(CorpusError, match="positions 14 to 20"):
        embed_corpus(corpus, tmp_path / "out", embedder, SMALL_PARTS)


@pytest.mark.parametrize(
    "make", [lambda path: path.write_text(""), lambda path: (path.mkdir(), (path / "a").write_text(""))]
)
def test_output_that_is_taken_is_refused(make, corpus, embedder, tmp_path):
    make(tmp_path / "out")
    with pytest.raises(CorpusError, match=r"--output: got .*out"):
        embed_corpus(corpus, tmp_path / "out", embedder)


def test_damaged_manifest_is_refused(corpus, embedder, tmp_path):
    embed_corpus(corpus, tmp_path / "out", embedder)
    truncate(tmp_path / "out/_manifest.json")
    with pytest.raises(CorpusError, match=r"manifest\.json: got what is no manifest"):
        embed_corpus(corpus, tmp_path / "out", embedder)


def test_bad_record_ends_the_run_or_is_listed(embedder, tmp_path, text_of):
    path = tmp_path / "in.jsonl"
    lines = [json.dumps({"text": text_of(i)}) for i in range(20)]
    lines[3] = "{"
    lines[11] = '{"text": 5}'
    path.write_text("\n".join(lines) + "\n")
    options = {"storage_dtype": "float32", "rows_per_part": 5}
    with pytest.raises(CorpusError, match=r"in\.jsonl:4: got malformed JSON.*--on-error skip"):
        embed_corpus(Input([str(path)]), tmp_path / "out", embedder, RunOptions(**options))
    # What to do with bad records is no difference between runs.
    skipping = RunOptions(**options, on_error="skip")
    summary = embed_corpus(Input([str(path)]), tmp_path / "out", embedder, skipping)
    assert (summary.num_documents, summary.num_skipped) == (18, 2)
    listed = [json.loads(line) for line in (tmp_path / "out/_errors.jsonl").read_text().splitlines()]
    assert [(entry["position"], entry["place"]) for entry in listed] == [(3, f"{path}:4"), (11, f"{path}:12")]
    assert "got 5 as text" in listed[1]["reason"]
    ids = [row["id"] for part in sorted((tmp_path / "out").glob("part*")) for row in pq.read_table(part).to_pylist()]
    assert ids == [str(i) for i in range(20) if i not in (3, 11)]


def test_repaired_part_lists_its_skipped_records_once(embedder, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(('{"text": "a"}\n', "{\n", '{"text": "b"}\n', "[\n")))
    options = RunOptions(rows_per_part=2, on_error="skip")
    embed_corpus(Input([str(path)]), tmp_path / "out", embedder, options)
    listed = (tmp_path / "out/_errors.jsonl").read_text()
    flip(tmp_path / "out/part-00000.parquet")
    embed_corpus(Input([str(path)]), tmp_path / "out", embedder, options)
    assert (tmp_path / "out/_errors.jsonl").read_text() == listed
    assert len(listed.splitlines()) == 2


@pytest.mark.parametrize(
    "line", ["{", "7", '{"part": 0}', '{"part": "0", "position": 1, "place": "", "reason": ""}', "\xff"]
)
def test_damaged_line_in_the_list_of_skipped_records_is_told(line, embedder, tmp_path):
    path, options = tmp_path / "in.jsonl", RunOptions(on_error="skip")
    path.write_text('{"text": "a"}\n{\n')
    embed_corpus(Input([str(path)]), tmp_path / "out", embedder, options)
    with (tmp_path / "out/_errors.jsonl").open("ab") as file:
        file.write(line.encode("latin-1") + b"\n")
    with pytest.raises(CorpusError, match=r"errors\.jsonl:2: got .*expected an entry as a run wrote it"):
        embed_corpus(Input([str(path)]), tmp_path / "out", embedder, options)
    with pytest.raises(CorpusError, match=r"errors\.jsonl:2"):
        find_damage(LocalFolder(tmp_path / "out"), manifest_of(tmp_path / "out"))
    anew = RunOptions(on_error="skip", force=True)
    assert embed_corpus(Input([str(path)]), tmp_path / "out", embedder, anew).num_skipped == 1


def test_document_that_the_tokenizer_refuses_is_skipped_alone(embedder, tmp_path):
    class Picky:
        """The embedder, but for one text; the message does not say which."""

        dim = embedder.dim
        description = embedder.description
        device_type = embedder.device_type
        backend = "torch"

        def settled(self, *_):
            return self

        weights_fingerprint = staticmethod(embedder.weights_fingerprint)

        def embed(self, documents):
            if any("poison" in document for document in documents):
                raise ValueError("cannot tokenize")
            return embedder.embed(documents)

    path = tmp_path / "in.txt"
    path.write_text("the fox\npoison\nthe dog\n")
    with pytest.raises(CorpusError, match=r"record 1.*cannot tokenize"):
        embed_corpus(Input([str(path)]), tmp_path / "out", Picky())
    summary = embed_corpus(Input([str(path)]), tmp_path / "out", Picky(), RunOptions(on_error="skip"))
    assert (summary.num_documents, summary.num_skipped) == (2, 1)
    assert json.loads((tmp_path / "out/_errors.jsonl").read_text())["position"] == 1


def test_input_without_records_makes_no_parts(embedder, tmp_path):
    (tmp_path / "in.txt").write_text("")
    summary = embed_corpus(Input([str(tmp_path / "in.txt")]), tmp_path / "out", embedder)
    assert (summary.num_parts, summary.num_documents) == (0, 0)
    assert manifest_of(tmp_path / "out").num_parts == 0


def test_output_at_a_url_is_refused(corpus, embedder):
    with pytest.raises(CorpusError, match=r"^ftp://host/out: got a URL of no store; expected a folder, or s3://"):
        embed_corpus(corpus, "ftp://host/out", embedder)


def test_another_kind_of_device_is_another_run(corpus, embedder, tmp_path):
    embed_corpus(corpus, tmp_path / "out", embedder)
    path = tmp_path / "out/_manifest.json"
    manifest = json.loads(path.read_text())
    assert manifest["fingerprint"].pop("device") == "cpu"
    path.write_text(json.dumps(manifest))
    assert embed_corpus(corpus, tmp_path / "out", embedder).num_made == 0  # version 0.1 did not say
    manifest["fingerprint"]["device"] = "cuda"
    path.write_text(json.dumps(manifest))
    with pytest.raises(CorpusError, match='device was "cuda" and is "cpu"'):
        embed_corpus(corpus, tmp_path / "out", embedder)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RunOptions(workers=0), "^workers: got 0"),
        (lambda: RayOptions({}, cpus=0), "^cpus, gpus: got 0 and 0.0"),
        (lambda: InputOptions("word"), "^format: got"),
        (lambda: InputOptions(conllu_unit="page"), "^conllu_unit: got"),
    ],
)
def test_options_are_named_as_python_names_them(make, message):
    with pytest.raises(ConfigurationError, match=message):
        make()


def test_actors_run_on_the_device_that_they_are_given():
    assert RayOptions({}).device_type == "cpu"
    assert RayOptions({}, gpus=0.5).device_type == "cuda"
    assert RayOptions({"device": "cuda:1"}).device_type == "cuda"


def test_padding_of_another_call_is_no_other_tokenizer(corpus, embedder, tmp_path):
    embed_corpus(corpus, tmp_path / "out", embedder)
    load_tokenizer(embedder.description["model"])(["a", "a a"], padding=True, truncation=True, max_length=8)
    assert embed_corpus(corpus, tmp_path / "out", embedder).num_made == 0
