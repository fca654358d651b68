"""Runs replace and remove what runs have made, and nothing else."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foldformer.config import ConfigurationError
from foldformer.corpus import CorpusError, DocumentEmbedder, Input, RunOptions, Shard, embed_corpus, load_corpus
from foldformer.corpus.reading.merge import merge_shards

Snapshot = dict[str, bytes]


@pytest.fixture
def texts(tmp_path):
    """Make a file with as many documents as asked for."""

    def make(name: str, num_documents: int = 5) -> Input:
        path = tmp_path / name
        path.write_text("".join(f"the {word} fox {name}\n" for word in "abcdefghij"[:num_documents]))
        return Input([str(path)])

    return make


@pytest.fixture
def taken(tmp_path) -> Path:
    """A folder with the user's own Parquet file, under the name of a part."""
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table({"text": ["one", "two"]}), tmp_path / "data/part-00000.parquet")
    return tmp_path / "data"


def content(folder: Path) -> Snapshot:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def one_row(**more) -> RunOptions:
    return RunOptions(rows_per_part=1, **more)


@pytest.mark.parametrize(
    "options", [{}, {"force": True}, {"shard": Shard(1, 1)}, {"shard": Shard(1, 1), "force": True}]
)
def test_input_in_the_folder_of_the_output_stays(options, taken, embedder):
    before = content(taken)
    for inputs in ([str(taken)], [f"{taken}/*.parquet"], [f"{taken}/part-00000.parquet"]):
        with pytest.raises(CorpusError, match=r"in which the input .*part-00000\.parquet lies"):
            embed_corpus(Input(inputs), taken, embedder, one_row(**options))
    assert content(taken) == before


@pytest.mark.parametrize("options", [{"force": True}, {"shard": Shard(1, 2)}, {"shard": Shard(2, 2), "force": True}])
@pytest.mark.parametrize(
    "own",
    [
        "part-00000.parquet",
        "part-00001.parquet",
        "_manifest.json",
        "_errors.jsonl",
        "_journal.jsonl",
        "manifest.json",
        "errors.json",
        "mine.txt",
    ],
)
def test_files_that_no_run_made_stay(own, options, texts, embedder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / own).write_text('{"mine": 1}\n')
    with pytest.raises(CorpusError, match=rf"out, which holds \"{own}\", and no manifest .*name another folder"):
        embed_corpus(texts("a.txt"), out, embedder, one_row(**options))
    assert content(out) == {own: b'{"mine": 1}\n'}


def test_own_manifest_of_a_user_is_refused_without_an_invitation_to_remove_it(texts, embedder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/_manifest.json").write_text('{"mine": 1}')
    with pytest.raises(CorpusError, match="got what is no manifest") as refusal:
        embed_corpus(texts("a.txt"), tmp_path / "out", embedder)
    assert "--force" not in str(refusal.value)


def test_foreign_file_among_the_parts_is_not_replaced_by_a_run_that_goes_on(texts, embedder, taken, tmp_path):
    out = tmp_path / "out"
    embed_corpus(texts("a.txt", 2), out, embedder, one_row())
    manifest = json.loads((out / "_manifest.json").read_text())
    manifest["parts"].pop()
    (out / "_manifest.json").write_text(json.dumps(manifest))
    shutil.copy(taken / "part-00000.parquet", out / "part-00001.parquet")
    before = content(out)
    for force in (False, True):
        with pytest.raises(CorpusError, match=r"holds \"part-00001\.parquet\", and no manifest"):
            embed_corpus(texts("a.txt", 2), out, embedder, one_row(force=force))
    assert content(out) == before


@pytest.mark.parametrize("options", [{}, {"force": True}])
@pytest.mark.parametrize("shard", [None, Shard(2, 2)])
def test_part_that_got_its_name_before_a_crash_is_made_again(shard, options, texts, embedder, tmp_path):
    out = tmp_path / "out"
    embed_corpus(texts("a.txt"), out, embedder, one_row(shard=shard))
    before = content(out)
    name = "_manifest.json" if shard is None else "_manifest-2-of-2.json"
    manifest = json.loads((out / name).read_text())
    manifest["parts"].pop()
    (out / name).write_text(json.dumps(manifest))
    embed_corpus(texts("a.txt"), out, embedder, one_row(shard=shard, **options))
    assert {key: value for key, value in content(out).items() if key != name} == {
        key: value for key, value in before.items() if key != name
    }


def test_force_removes_what_shards_and_their_merge_left(texts, embedder, tmp_path):
    out = tmp_path / "out"
    for number in (1, 2):
        embed_corpus(texts("a.txt"), out, embedder, one_row(shard=Shard(number, 2)))
    merge_shards(out)
    embed_corpus(texts("b.txt", 2), out, embedder, one_row(force=True))
    assert set(content(out)) == {"_manifest.json", "part-00000.parquet", "part-00001.parquet"}


@pytest.mark.parametrize("force", [False, True])
def test_shard_stays_out_of_the_folder_of_a_whole_run(force, texts, embedder, tiny_model, tmp_path):
    out = tmp_path / "out"
    words = DocumentEmbedder.from_model(tiny_model("bert"), max_length=16, level="word")
    embed_corpus(texts("a.txt"), out, words, one_row())
    before = content(out)
    for documents in (texts("a.txt"), texts("b.txt")):
        with pytest.raises(CorpusError, match=r"with --shard 1/2, which holds _manifest\.json"):
            embed_corpus(documents, out, embedder, one_row(shard=Shard(1, 2), force=force))
    assert content(out) == before


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("merged", [False, True])
def test_shard_stays_out_of_the_folder_of_another_number_of_shards(force, merged, texts, embedder, tmp_path):
    out = tmp_path / "out"
    for number in range(1, 6):
        embed_corpus(texts("a.txt"), out, embedder, one_row(shard=Shard(number, 5)))
    if merged:
        merge_shards(out)
    before = content(out)
    with pytest.raises(CorpusError, match="--shard 1/2, which holds the shards of a job of 5"):
        embed_corpus(texts("a.txt"), out, embedder, one_row(shard=Shard(1, 2), force=force))
    assert content(out) == before


def test_shard_of_a_merged_folder_is_repaired_and_merged_again(texts, embedder, tmp_path):
    out = tmp_path / "out"
    for number in (1, 2):
        embed_corpus(texts("a.txt"), out, embedder, one_row(shard=Shard(number, 2)))
    merge_shards(out)
    before = content(out)
    (out / "part-00003.parquet").write_bytes(b"PAR1")
    assert embed_corpus(texts("a.txt"), out, embedder, one_row(shard=Shard(2, 2))).num_made == 1
    merge_shards(out)
    assert content(out)["part-00003.parquet"] == before["part-00003.parquet"]


def test_shards_that_are_made_anew_are_merged_into_what_is_true_now(embedder, tmp_path):
    path, out = tmp_path / "in.jsonl", tmp_path / "out"
    path.write_text('{"text": "a"}\n{\n{"text": "b"}\n')
    for number in (1, 2):
        options = one_row(shard=Shard(number, 2), on_error="skip")
        embed_corpus(Input([str(path)]), out, embedder, options)
    assert merge_shards(out).num_skipped == 1
    path.write_text('{"text": "a"}\n{"text": "fox"}\n{"text": "b"}\n')
    embed_corpus(Input([str(path)]), out, embedder, one_row(shard=Shard(1, 2), force=True))
    with pytest.raises(CorpusError, match="corpus merge"):
        load_corpus(out)  # rather than half of what it was
    embed_corpus(Input([str(path)]), out, embedder, one_row(shard=Shard(2, 2), force=True))
    assert merge_shards(out).num_skipped == 0
    assert not (out / "_errors.jsonl").exists()
    assert len(load_corpus(out)) == 3


def test_merge_replaces_a_stale_list_of_skipped_records(texts, embedder, tmp_path):
    out = tmp_path / "out"
    embed_corpus(texts("a.txt"), out, embedder, one_row(shard=Shard(1, 1)))
    (out / "_errors.jsonl").write_text('{"part": 1, "position": 1, "place": "a.txt:2", "reason": "got nothing"}\n')
    assert merge_shards(out).num_skipped == 0
    assert not (out / "_errors.jsonl").exists()


def test_merge_does_not_replace_a_manifest_of_somebody_else(texts, embedder, tmp_path):
    out = tmp_path / "out"
    embed_corpus(texts("a.txt"), out, embedder, one_row(shard=Shard(1, 1)))
    (out / "_manifest.json").write_text('{"mine": 1}')
    with pytest.raises(CorpusError, match=r"manifest\.json: got what is no manifest"):
        merge_shards(out)
    assert (out / "_manifest.json").read_text() == '{"mine": 1}'


def test_hidden_files_of_others_stay(texts, embedder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / ".mine.1.partial").write_text("keep me")
    embed_corpus(texts("a.txt"), out, embedder, one_row(force=True))
    assert (out / ".mine.1.partial").read_text() == "keep me"


@pytest.mark.parametrize("inputs", [".", "*/**", "**/*", "texts"])
def test_output_in_a_searched_folder_is_no_input_of_the_next_run(inputs, embedder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/a.txt").write_text("the fox")
    (tmp_path / "texts/b.txt").write_text("the dog")
    for num_made in (1, 0):
        summary = embed_corpus(Input([inputs]), "vectors", embedder)
        assert (summary.num_documents, summary.num_made) == (2, num_made)


def test_output_that_is_named_as_the_input_is_no_search(texts, embedder, tmp_path):
    out = tmp_path / "out"
    embed_corpus(texts("a.txt"), out, embedder)
    other = embed_corpus(Input([f"{out}/*.parquet"]), tmp_path / "other", embedder, RunOptions(on_error="skip"))
    assert other.num_skipped == 1  # a part has no column of texts
    (tmp_path / "a.txt").unlink()
    shutil.rmtree(tmp_path / "other")
    with pytest.raises(ConfigurationError, match="got nothing but what is in"):
        Input([str(tmp_path)]).without(out)
