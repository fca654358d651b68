"""Vectors for other programs: each of them finds what an exact search by NumPy finds."""

import json

import numpy as np
import pyarrow as pa
import pytest

from foldformer.config import ConfigurationError
from foldformer.corpus import CorpusError, Input, RunOptions, embed_corpus, load_corpus
from foldformer.corpus.reading import export_targets
from foldformer.corpus.reading.export import export_corpus, exported_rows


@pytest.fixture(params=["float32", "int8"])
def made(request, corpus, embedder, tmp_path):
    embed_corpus(corpus, tmp_path / "vectors", embedder, RunOptions(request.param, 7))
    return load_corpus(tmp_path / "vectors")


def stacked(corpus) -> np.ndarray:
    return np.concatenate([document.as_float32() for document in corpus])


def means(corpus) -> np.ndarray:
    rows = (document.as_float32() for document in corpus)
    return np.stack([row.mean(axis=0) if len(row) else np.zeros(row.shape[1], np.float32) for row in rows])


def cosines(vectors: np.ndarray, query: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    return vectors @ query / np.where(norms > 0, norms, 1)


def nearest(vectors: np.ndarray, query: np.ndarray) -> int:
    return int(np.argmax(cosines(vectors, query)))


def rows_of(folder) -> list[dict]:
    return pa.concat_tables(exported_rows(folder)).to_pylist()


def test_rows_say_which_piece_each_vector_is(made, tmp_path):
    assert export_corpus(made, tmp_path / "out", "npy") == len(stacked(made))
    vectors = np.load(tmp_path / "out/vectors.npy", mmap_mode="r")
    assert (vectors == stacked(made)).all()
    rows = rows_of(tmp_path / "out")
    assert [row["row"] for row in rows] == list(range(len(vectors)))
    expected = [(each.id, i, piece) for each in made for i, piece in enumerate(each.pieces)]
    assert [(row["document"], row["place"], row["piece"]) for row in rows] == expected
    assert all(table.schema.field("place").type == pa.int32() for table in exported_rows(tmp_path / "out"))


def test_documents_have_the_mean_of_their_vectors(made, tmp_path):
    assert export_corpus(made, tmp_path / "out", "npy", "document") == len(made)
    vectors = np.load(tmp_path / "out/vectors.npy")
    np.testing.assert_allclose(vectors, means(made), atol=1e-6)
    assert [row["document"] for row in rows_of(tmp_path / "out")] == [each.id for each in made]


class Stop(Exception):
    """Ends an export from inside."""


@pytest.mark.parametrize("to", ["npy", "arrow", "lance", "qdrant", "faiss"])
@pytest.mark.filterwarnings("ignore")  # of other people's libraries
def test_export_that_was_stopped_goes_on_and_finds_what_numpy_finds(to, made, tmp_path, monkeypatch):
    for module in {"lance": ["lance"], "qdrant": ["qdrant_client"], "faiss": ["faiss"]}.get(to, []):
        pytest.importorskip(module)
    level = "document" if to == "qdrant" else "span"  # qdrant flushes every row to the disk by itself
    target = export_targets.TARGETS[to]
    add, left = target.add, [4]

    def stops(self, *arguments):
        left[0] -= 1
        add(self, *arguments)
        if left[0] == 0:  # added, but not written down
            if to == "qdrant":
                self.finish()
            raise Stop

    monkeypatch.setattr(target, "add", stops)
    with pytest.raises(Stop):
        export_corpus(made, tmp_path / "out", to, level)
    assert export_corpus(made, tmp_path / "out", to, level) == export_corpus(made, tmp_path / "out", to, level)
    vectors = stacked(made) if level == "span" else means(made)
    query = vectors[17] + 0.01
    scores = cosines(vectors, query)
    found = best_of(to, tmp_path / "out", query, len(vectors))
    assert scores[found] > scores.max() - 1e-6  # equal documents have equal vectors: any of them is right
    assert np.median(scores) < scores.max() - (0.1 if level == "span" else 1e-4)


def best_of(to, folder, query, total) -> int:
    """The row that another program finds."""
    if to == "npy":
        return nearest(np.load(folder / "vectors.npy"), query)
    if to == "arrow":
        table = pa.concat_tables(pa.ipc.open_file(path).read_all() for path in sorted(folder.glob("*.arrow")))
        assert table["row"].to_pylist() == list(range(total))
        return nearest(np.stack(table["vector"].to_numpy()), query)
    if to == "lance":
        import lance

        dataset = lance.dataset(str(folder / "vectors.lance"))
        assert dataset.count_rows() == total
        nearby = {"column": "vector", "q": query, "k": 1, "metric": "cosine"}
        return dataset.to_table(nearest=nearby)["row"][0].as_py()
    if to == "faiss":
        import faiss

        index = faiss.read_index(str(folder / "vectors.faiss"))
        assert index.ntotal == total
        return int(index.search(query[None] / np.linalg.norm(query), 1)[1][0, 0])
    import qdrant_client

    client = qdrant_client.QdrantClient(path=str(folder / "qdrant"))
    assert client.count(export_targets.COLLECTION).count == total
    found = client.query_points(export_targets.COLLECTION, query=query.tolist(), limit=1).points[0].id
    client.close()
    return found


def test_folder_with_something_else_is_refused(made, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("mine")
    with pytest.raises(CorpusError, match="which holds something; expected an empty folder"):
        export_corpus(made, tmp_path / "out", "npy")
    export_corpus(made, tmp_path / "npy", "npy")
    with pytest.raises(CorpusError, match="which holds another export"):
        export_corpus(made, tmp_path / "npy", "npy", "document")
    (tmp_path / "npy/_export.json").write_text(json.dumps([]))
    with pytest.raises(CorpusError, match="got what no export wrote"):
        export_corpus(made, tmp_path / "npy", "npy")


def test_what_is_not_installed_or_unknown_is_told(made, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "faiss", None)
    with pytest.raises(ConfigurationError, match="pip install faiss-cpu"):
        export_corpus(made, tmp_path / "out", "faiss")
    with pytest.raises(ConfigurationError, match='to: got "np"; expected'):
        export_corpus(made, tmp_path / "other", "np")


def test_corpus_without_documents_is_exported(embedder, tmp_path):
    (tmp_path / "in.txt").write_text("")
    embed_corpus(Input([str(tmp_path / "in.txt")]), tmp_path / "vectors", embedder)
    assert export_corpus(load_corpus(tmp_path / "vectors"), tmp_path / "out", "npy") == 0
    assert np.load(tmp_path / "out/vectors.npy").shape == (0, embedder.dim)


def test_part_in_which_all_was_skipped_has_no_rows(embedder, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": 3}\n{"text": "the bank"}\n')
    source = Input([str(tmp_path / "in.jsonl")])
    embed_corpus(source, tmp_path / "vectors", embedder, RunOptions("float32", 1, on_error="skip"))
    made = load_corpus(tmp_path / "vectors")
    assert export_corpus(made, tmp_path / "out", "npy") == len(made[0].pieces)
    assert (np.load(tmp_path / "out/vectors.npy") == made[0].vectors).all()


def test_corpus_that_was_made_anew_is_another_one(made, corpus, embedder, tmp_path):
    export_corpus(made, tmp_path / "out", "npy", "document")
    other = tmp_path / "other.txt"
    other.write_text("the river\n" * len(made))
    embed_corpus(Input([str(other)]), tmp_path / "other", embedder, RunOptions("float32", 7))
    with pytest.raises(CorpusError, match="which holds another export"):
        export_corpus(load_corpus(tmp_path / "other"), tmp_path / "out", "npy", "document")
