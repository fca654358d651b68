"""The manifest and its journal: what a crash leaves counts, what is written grows no faster than the parts."""

import json
import shutil
from pathlib import Path

import pytest

from foldformer.corpus import CorpusError, Input, InputOptions, RunOptions, Shard, embed_corpus, load_corpus
from foldformer.corpus.output import ledger
from foldformer.corpus.output.ledger import Ledger, read_manifest
from foldformer.corpus.output.local import LocalFolder
from foldformer.corpus.output.manifest import DESCRIBED, Manifest, Part
from foldformer.corpus.reading.merge import merge_shards
from foldformer.corpus.runs.this_process import make_here

OPTIONS = RunOptions("float32", 7)


def part(index: int) -> Part:
    return Part(index, 5, 5 * index, 5 * index + 4, 0, 100, "a" * 64, "b" * 32, 50, 50, 5, 0.5)


@pytest.fixture
def empty() -> Manifest:
    return Manifest({"embedder": dict.fromkeys(DESCRIBED) | {"dim": 4}})


@pytest.fixture
def folder(tmp_path) -> LocalFolder:
    (tmp_path / "out").mkdir()
    return LocalFolder(tmp_path / "out")


def stop_before_the_end(folder: Path) -> None:
    """Leave what a run leaves that is killed when all parts are there: the manifest of its beginning, and a journal."""
    manifest = json.loads((folder / "_manifest.json").read_text())
    parts, manifest["parts"], manifest["num_parts"] = manifest["parts"], [], None
    (folder / "_manifest.json").write_text(json.dumps(manifest))
    (folder / "_journal.jsonl").write_text("".join(json.dumps(each) + "\n" for each in parts))


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Write down every part at once."""
    monkeypatch.setattr(ledger, "WRITTEN_EVERY", 0.0)


def test_parts_of_the_same_second_are_written_together_and_none_is_left_out(empty, folder, monkeypatch):
    monkeypatch.setattr(ledger, "WRITTEN_EVERY", 1.0)
    clock = [100.0]
    monkeypatch.setattr(ledger.time, "monotonic", lambda: clock[0])
    written, append = [], LocalFolder.append
    monkeypatch.setattr(
        LocalFolder, "append", lambda self, name, key, lines: written.append(key) or append(self, name, key, lines)
    )
    book = Ledger(folder, empty)
    book.save()
    for index, seconds in enumerate([0.3, 0.3, 0.3, 0.3, 5.0, 0.1, 0.1]):
        clock[0] += seconds
        book.add(part(index))
    assert written == ["part-00003", "part-00004"]
    assert list(read_manifest(folder).parts) == [0, 1, 2, 3, 4]
    book.flush()
    book.flush()
    assert written == ["part-00003", "part-00004", "part-00006"]
    assert read_manifest(folder).parts == book.parts


def test_run_that_ends_in_an_error_has_written_down_all_that_it_made(corpus, embedder, tmp_path):
    class Stops:
        def resumed(self, parts, damaged):
            pass

        def document(self, document, fraction):
            pass

        def part(self, part, fraction):
            if part.index == 5:
                raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "WRITTEN_EVERY", 1000.0)
        with pytest.raises(KeyboardInterrupt):
            embed_corpus(corpus, tmp_path / "out", embedder, OPTIONS, Stops())
    assert len(load_corpus(tmp_path / "out").manifest.parts) == 6
    assert embed_corpus(corpus, tmp_path / "out", embedder, OPTIONS).num_made == 3


def test_end_of_the_plan_may_come_before_the_last_parts(corpus, embedder, tmp_path, monkeypatch):
    def disordered(*arguments):
        *parts, end = make_here(*arguments)
        yield from (parts[3], end, *parts[:3], *parts[4:])

    monkeypatch.setattr("foldformer.corpus.runs.embed_corpus.make_here", disordered)
    assert embed_corpus(corpus, tmp_path / "out", embedder, OPTIONS).num_made == 9
    assert not (tmp_path / "out/_journal.jsonl").exists()
    assert load_corpus(tmp_path / "out").is_complete


def test_manifest_and_journal_are_read_as_one(empty, folder):
    book = Ledger(folder, empty)
    book.save()
    for index in (2, 0, 1):
        book.add(part(index))
        assert read_manifest(folder).parts == book.parts
    book.save(num_parts=3, num_records=15)
    assert list(folder.files()) == ["_manifest.json"]
    assert read_manifest(folder) == Manifest(empty.fingerprint, {i: part(i) for i in range(3)}, None, 3, 15)


def test_fold_that_was_stopped_half_way_changes_nothing(empty, folder, monkeypatch):
    book = Ledger(folder, empty)
    book.save()
    book.add(part(0))
    monkeypatch.setattr(LocalFolder, "remove", lambda *_: None)
    book.save()
    assert list(folder.files()) == ["_journal.jsonl", "_manifest.json"]
    assert read_manifest(folder).parts == {0: part(0)}


def test_torn_last_line_of_a_journal_does_not_count_but_another_one_is_told(empty, folder):
    book = Ledger(folder, empty)
    book.save()
    book.add(part(0))
    book.add(part(1))
    path = folder.path / "_journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    assert list(read_manifest(folder).parts) == [0]
    path.write_bytes(b"{}\n" + whole)
    with pytest.raises(CorpusError, match=r"_journal\.jsonl:1: got what is no part"):
        read_manifest(folder)


def test_what_is_written_in_all_grows_as_the_parts_do(empty, folder, monkeypatch):
    monkeypatch.setattr(ledger, "SHORTEST_FOLD", 10)
    written = [0]
    replace, append = LocalFolder.replace, LocalFolder.append

    def counted(real):
        def call(self, name, *arguments):
            written[0] += len(arguments[-1])
            real(self, name, *arguments)

        return call

    monkeypatch.setattr(LocalFolder, "replace", counted(replace))
    monkeypatch.setattr(LocalFolder, "append", counted(append))
    book = Ledger(folder, empty)
    sizes = []
    for index in range(800):
        book.add(part(index))
        if index + 1 in (200, 400, 800):
            sizes.append(written[0])
    assert sizes[1] < 2.6 * sizes[0]
    assert sizes[2] < 2.6 * sizes[1]


def test_journal_of_a_killed_run_is_gone_on_with(corpus, embedder, tmp_path):
    out = tmp_path / "out"
    embed_corpus(corpus, out, embedder, OPTIONS)
    whole = json.loads((out / "_manifest.json").read_text())
    stop_before_the_end(out)
    assert len(load_corpus(out)) == 60
    assert not load_corpus(out).is_complete
    (out / "part-00003.parquet").unlink()
    assert embed_corpus(corpus, out, embedder, OPTIONS).num_made == 1
    again = json.loads((out / "_manifest.json").read_text())
    assert [each["sha256"] for each in again["parts"]] == [each["sha256"] for each in whole["parts"]]
    assert not (out / "_journal.jsonl").exists()


WRITTEN_BY_0_1 = {
    "manifest": "format shard num_parts num_records fingerprint parts",
    "fingerprint": "embedder weights tokenizer input parts",
    "embedder": "model revision max_length level layers mode word_tokenizer dtype embedder batch_tokens compiled "
    "versions dim storage_dtype",
    "input": "files num_files files_checksum text_key id_key keep conllu_unit",
    "part": "part index rows first last skipped bytes sha256 input_digest num_wordpieces num_pieces "
    "num_segments seconds",
}
"""Keys of a manifest that version 0.1 wrote."""


def make_old(folder: Path) -> None:
    """Make a folder as version 0.1 left it."""
    for path in [*folder.glob("_manifest*"), *folder.glob("_errors*")]:
        target = path.rename(path.with_name(path.name.removeprefix("_")))
        if target.suffix == ".json":
            manifest = json.loads(target.read_text())
            del manifest["fingerprint"]["device"]
            target.write_text(json.dumps(manifest, indent=1) + "\n")


@pytest.fixture
def with_errors(tmp_path) -> Input:
    path = tmp_path / "errors.jsonl.in"
    path.write_text('{"text": "a"}\n{\n{"text": "b"}\n[\n{"text": "the fox"}\n')
    return Input([str(path)], InputOptions("jsonl"))


def test_folder_of_version_0_1_opens_and_is_gone_on_with(with_errors, embedder, part_bytes, tmp_path):
    out, options = tmp_path / "out", RunOptions(rows_per_part=2, on_error="skip")
    embed_corpus(with_errors, out, embedder, options)
    before, listed = part_bytes(out), (out / "_errors.jsonl").read_bytes()
    make_old(out)
    manifest = json.loads((out / "manifest.json").read_text())
    said = {"manifest": manifest, "fingerprint": manifest["fingerprint"], "part": manifest["parts"][0]}
    said.update({name: manifest["fingerprint"][name] for name in ("embedder", "input")})
    assert {name: " ".join(each) for name, each in said.items()} == WRITTEN_BY_0_1
    assert [document.id for document in load_corpus(out)] == ["0", "2", "4"]
    shutil.copytree(out, tmp_path / "anew")
    (out / "part-00001.parquet").unlink()
    assert embed_corpus(with_errors, out, embedder, options).num_made == 1
    assert part_bytes(out) == before
    assert {path.name for path in out.iterdir()} == {*before, "_manifest.json", "_errors.jsonl", ".lock"}
    assert (out / "_errors.jsonl").read_bytes() == listed
    anew = embed_corpus(with_errors, tmp_path / "anew", embedder, RunOptions(on_error="skip", force=True))
    assert anew.num_parts == 1
    assert not list((tmp_path / "anew").glob("[em]*"))


def test_shards_of_version_0_1_are_repaired_and_merged(with_errors, embedder, tmp_path):
    out = tmp_path / "out"
    for number in (1, 2):
        options = RunOptions(rows_per_part=1, on_error="skip", shard=Shard(number, 2))
        embed_corpus(with_errors, out, embedder, options)
    merge_shards(out)
    make_old(out)
    (out / "part-00002.parquet").unlink()
    first = RunOptions(rows_per_part=1, on_error="skip", shard=Shard(1, 2))
    assert embed_corpus(with_errors, out, embedder, first).num_made == 1
    assert merge_shards(out).num_skipped == 2
    assert not list(out.glob("[em]*"))


def test_list_of_a_user_beside_a_run_of_today_is_no_list_of_version_0_1(with_errors, embedder, tmp_path):
    out, options = tmp_path / "out", RunOptions(on_error="skip")
    embed_corpus(with_errors, out, embedder, options)
    (out / "errors.jsonl").write_text("mine\n")
    with pytest.raises(CorpusError, match=r"errors\.jsonl.*no manifest there lists it"):
        embed_corpus(with_errors, out, embedder, RunOptions(on_error="skip", force=True))
    assert (out / "errors.jsonl").read_text() == "mine\n"
