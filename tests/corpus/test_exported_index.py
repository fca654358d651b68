"""`foldformer corpus search --index` finds in an export what it finds in the corpus; exports to a store."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from foldformer.commands import app
from foldformer.corpus import CorpusError, Input, RunOptions, embed_corpus, load_corpus
from foldformer.corpus.output.places import output_folder
from foldformer.corpus.reading import export, export_targets
from foldformer.corpus.reading.export import export_corpus, exported_rows
from foldformer.corpus.reading.exported_index import ExportedIndex
from foldformer.corpus.reading.search import nearest_pieces

pytestmark = pytest.mark.filterwarnings("ignore")  # of other people's libraries
MODULES = {"faiss": "faiss", "lance": "lance", "arrow": "pyarrow"}


@pytest.fixture
def made(corpus, embedder, tmp_path):
    embed_corpus(corpus, tmp_path / "vectors", embedder, RunOptions("float32", 7))
    return load_corpus(tmp_path / "vectors")


@pytest.fixture(params=["folder", "store"])
def place(request, tmp_path) -> str:
    """Where an export goes."""
    return str(tmp_path / "export") if request.param == "folder" else request.getfixturevalue("url")


def some_query(corpus) -> np.ndarray:
    return corpus["d17"].vectors[3] + np.random.default_rng(0).standard_normal(32).astype(np.float32)


def check_hits(corpus, query: np.ndarray, found, expected) -> None:
    """Check that hits have the scores that they should, and say what stands where they say they are.

    Which of several equal pieces they are does not matter.
    """
    np.testing.assert_allclose([hit.score for hit in found], [hit.score for hit in expected], atol=1e-5)
    assert len({(hit.id, hit.place) for hit in found}) == len(expected)
    for hit in found:
        document, place = corpus[hit.id], hit.place
        vector = document.vectors[place]
        assert hit.score == pytest.approx(vector @ query / np.linalg.norm(vector) / np.linalg.norm(query), abs=1e-5)
        assert hit.piece == document.pieces[place]
        assert hit.before == tuple(document.pieces[max(0, place - 8) : place])
        assert hit.after == tuple(document.pieces[place + 1 : place + 9])


@pytest.mark.parametrize("to", ["faiss", "lance"])
def test_index_finds_what_looking_at_every_vector_finds(to, made, place, monkeypatch):
    pytest.importorskip(MODULES[to])
    monkeypatch.setattr(export, "ROWS_IN_GROUP", 11)
    export_corpus(made, place, to)
    query = some_query(made)
    check_hits(made, query, ExportedIndex(made, place).nearest(query, 60), nearest_pieces(made, query, 60))


@pytest.mark.parametrize("to", ["faiss", "lance"])
def test_index_of_documents_finds_documents(to, made, tmp_path):
    pytest.importorskip(MODULES[to])
    export_corpus(made, tmp_path / "export", to, "document")
    query = some_query(made)
    means = {each.id: each.vectors.mean(axis=0) for each in made if len(each.pieces)}
    cosines = {name: mean @ query / np.linalg.norm(mean) / np.linalg.norm(query) for name, mean in means.items()}
    for hit in ExportedIndex(made, tmp_path / "export").nearest(query, 5):
        assert hit.score == pytest.approx(cosines[hit.id], abs=1e-5)
        assert hit.score >= sorted(cosines.values())[-5] - 1e-5
        assert hit.piece == " ".join(made[hit.id].pieces)


def test_more_rows_than_there_are_are_all_of_them(made, tmp_path):
    pytest.importorskip("faiss")
    export_corpus(made, tmp_path / "export", "faiss", "document")
    hits = ExportedIndex(made, tmp_path / "export").nearest(some_query(made), 1000)
    assert sorted(hit.id for hit in hits) == sorted(each.id for each in made)


class Stop(Exception):
    """Ends an export from inside."""


@pytest.mark.parametrize("to", ["arrow", "faiss", "lance"])
def test_export_to_a_store_that_was_stopped_goes_on(to, made, url, tmp_path, monkeypatch):
    pytest.importorskip(MODULES[to])
    target = export_targets.TARGETS[to]
    add, left = target.add, [4]

    def stops(self, *arguments):
        left[0] -= 1
        add(self, *arguments)
        if left[0] == 0:  # added, but not written down
            raise Stop

    monkeypatch.setattr(target, "add", stops)
    with pytest.raises(Stop):
        export_corpus(made, url, to)
    before = json.loads(output_folder(url).read("_export.json"))["parts"]
    assert before == (0 if to == "faiss" else 3)
    total = sum(len(each.pieces) for each in made)
    assert export_corpus(made, url, to) == total
    added = left[0]
    assert export_corpus(made, url, to) == total
    assert left[0] == added
    rows = [row for table in exported_rows(url) for row in table["row"].to_pylist()]
    assert rows == list(range(total))
    if to == "arrow":
        export_corpus(made, tmp_path / "export", "arrow")
        there, here = output_folder(url), output_folder(tmp_path / "export")
        assert list(there.files()) == ["_export.json", "rows", *(name for name in here.files() if "vectors" in name)]
        for name in here.files():
            assert name == "rows" or there.read(name) == here.read(name)


@pytest.mark.parametrize("to", ["npy", "qdrant"])
def test_what_writes_to_a_disk_is_not_written_to_a_store(to, made, url):
    with pytest.raises(CorpusError, match=f"^--output: got {url}, and {to} writes to a disk; .*arrow or lance"):
        export_corpus(made, url, to)


def test_second_export_to_a_store_is_refused_while_the_first_is_at_work(made, url):
    with output_folder(url).locked(), pytest.raises(CorpusError, match="another run is at work"):
        export_corpus(made, url, "arrow")


def test_what_is_no_index_of_the_corpus_is_told(made, corpus, embedder, tmp_path):
    pytest.importorskip("faiss")
    with pytest.raises(CorpusError, match=r"holds no export; expected one to faiss or lance"):
        ExportedIndex(made, tmp_path / "nothing")
    export_corpus(made, tmp_path / "npy", "npy")
    with pytest.raises(CorpusError, match=r"holds one to npy; expected one to faiss or lance"):
        ExportedIndex(made, tmp_path / "npy")
    export_corpus(made, tmp_path / "faiss", "faiss")
    state = json.loads((tmp_path / "faiss/_export.json").read_text())
    (tmp_path / "faiss/_export.json").write_text(json.dumps({**state, "rows": 3, "parts": 1}))
    with pytest.raises(CorpusError, match="an export that was stopped"):
        ExportedIndex(made, tmp_path / "faiss")
    source = tmp_path / "other.txt"
    source.write_text("the river\n")
    embed_corpus(Input([str(source)]), tmp_path / "other", embedder)
    with pytest.raises(CorpusError, match="an export of another corpus"):
        ExportedIndex(load_corpus(tmp_path / "other"), tmp_path / "faiss")


def said(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments], prog_name="foldformer")
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("to", ["faiss", "lance"])
def test_subcommand_says_the_same_with_an_index(to, made, tmp_path):
    pytest.importorskip(MODULES[to])
    said("corpus", "export", made.folder, "--to", to, "--output", tmp_path / "export")
    search = ["corpus", "search", made.folder, "the quick [fox] never stops and never jumps", "--top", "1"]
    assert said(*search, "--index", tmp_path / "export") == said(*search)
    said("corpus", "export", made.folder, "--to", to, "--level", "document", "--output", tmp_path / "documents")
    table = said(*search, "--index", tmp_path / "documents")
    assert "place" not in table
    assert "document" in table


def test_rows_are_read_by_the_groups_that_hold_them(made, tmp_path, monkeypatch):
    pytest.importorskip("faiss")
    monkeypatch.setattr(export, "ROWS_IN_GROUP", 11)
    export_corpus(made, tmp_path / "export", "faiss")
    assert pq.read_metadata(tmp_path / "export/rows/part-00002.parquet").num_row_groups > 5
    read, real = [], pq.ParquetFile.read_row_groups
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_groups", lambda self, groups: read.append(groups) or real(self, groups)
    )
    ExportedIndex(made, tmp_path / "export").nearest(some_query(made), 20)
    assert len(read) == 20
    assert max(map(len, read)) <= 3
