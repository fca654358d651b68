import json
import pickle
import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foldformer.corpus import CorpusError, Input, InputOptions, KeptKey, Keys, RunOptions, embed_corpus, load_corpus
from foldformer.corpus.reading.id_index import IdIndex


@pytest.fixture
def made(corpus_file, embedder, tmp_path):
    def make(**options):
        keys = Keys(id="name", keep=(KeptKey("year", "int64"),))
        documents = Input([str(corpus_file)], InputOptions(keys=keys))
        embed_corpus(documents, tmp_path / "out", embedder, RunOptions(rows_per_part=7, **options))
        return load_corpus(tmp_path / "out")

    return make


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float16", 4e-3), ("int8", 5e-2)])
def test_documents_are_found_by_place_and_by_id(dtype, tolerance, made, embedder, text_of):
    corpus = made(storage_dtype=dtype)
    assert len(corpus) == 60
    assert corpus.is_complete
    for i in (0, 6, 7, 33, 59):
        (expected,) = embedder.embed([text_of(i)])
        for document in (corpus[i], corpus[f"d{i}"], corpus[i - 60]):
            assert document.id == f"d{i}"
            assert document.kept == {"year": 1900 + i}
            assert document.pieces == expected.pieces
            np.testing.assert_array_equal(document.starts, expected.starts)
            np.testing.assert_array_equal(document.ends, expected.ends)
            assert document.vectors.dtype == dtype
            assert document.as_float32().shape == expected.vectors.shape
            np.testing.assert_allclose(document.as_float32(), expected.vectors, atol=tolerance)
            assert document.num_segments == expected.num_segments


def test_iteration_gives_every_document_once_and_slices_some(made):
    corpus = made()
    assert [document.id for document in corpus] == [f"d{i}" for i in range(60)]
    assert [document.id for document in corpus[5:50:20]] == ["d5", "d25", "d45"]


def test_vectors_are_views_of_what_was_read(made):
    document = made()[33]
    assert not document.vectors.flags.owndata
    assert not document.vectors.flags.writeable


def test_ids_are_members(made):
    corpus = made()
    assert "d33" in corpus
    assert "d60" not in corpus
    assert 3 not in corpus


def test_corpus_travels_to_other_processes(made):
    corpus = made()
    vectors = corpus["d33"].vectors  # from a file that is open now
    twin = pickle.loads(pickle.dumps(corpus))
    np.testing.assert_array_equal(twin["d33"].vectors, vectors)
    assert len(twin) == len(corpus)


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_corpus_of_no_documents_has_the_columns_of_any_other(dtype, made, embedder, tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    keys = Keys(id="name", keep=(KeptKey("year", "int64"),))
    documents = Input([str(tmp_path / "empty.jsonl")], InputOptions(keys=keys))
    embed_corpus(documents, tmp_path / "none", embedder, RunOptions(dtype))
    corpus = load_corpus(tmp_path / "none")
    assert corpus.dataset().to_table(columns=["id"]).num_rows == len(corpus) == 0
    assert corpus.dataset().schema.equals(made(storage_dtype=dtype).dataset().schema)
    assert "a" not in corpus


def damaged(manifest: dict, kind: str) -> object:
    if kind == "no object":
        return [1]
    if kind == "number for a part":
        return {**manifest, "parts": [1]}
    if kind == "text for a number":
        return {**manifest, "parts": [{**manifest["parts"][0], "rows": "7"}]}
    if kind == "no embedder":
        return {**manifest, "fingerprint": {}}
    return {**manifest, "fingerprint": {"embedder": {"model": "bert"}}}


@pytest.mark.parametrize(
    "kind", ["no object", "number for a part", "text for a number", "no embedder", "half an embedder"]
)
def test_manifest_that_is_none_is_told(kind, made):
    path = made().folder / "_manifest.json"
    path.write_text(json.dumps(damaged(json.loads(path.read_text()), kind)))
    with pytest.raises(CorpusError, match=r"manifest\.json: got what is no manifest"):
        load_corpus(path.parent)


def test_place_or_id_that_is_not_there_is_told(made):
    corpus = made()
    with pytest.raises(IndexError, match="below 60"):
        corpus[60]
    with pytest.raises(KeyError, match="d60"):
        corpus["d60"]


def test_id_of_two_documents_is_told(embedder, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "x"}\n' * 2)
    documents = Input([str(tmp_path / "in.jsonl")], InputOptions(keys=Keys(id="id")))
    embed_corpus(documents, tmp_path / "out", embedder)
    with pytest.raises(KeyError, match="more than one"):
        load_corpus(tmp_path / "out")["a"]


def test_other_libraries_read_the_parts_as_they_are(made):
    corpus = made(storage_dtype="float32")
    assert corpus.dataset().count_rows() == 60
    table = corpus.dataset().to_table(columns=["id", "vectors"])
    assert table["id"].to_pylist() == [f"d{i}" for i in range(60)]
    assert pq.read_table(corpus.files).num_rows == 60
    frame = table.to_pandas()
    np.testing.assert_array_equal(np.stack(frame["vectors"][33]), corpus[33].vectors)


def test_words_without_places_have_none(embedder, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": ["a", "fox"]}\n{"text": "a fox"}\n')
    embed_corpus(Input([str(tmp_path / "in.jsonl")]), tmp_path / "out", embedder)
    corpus = load_corpus(tmp_path / "out")
    assert corpus[0].starts is None
    assert corpus[1].starts is not None


def test_folder_that_is_no_corpus_is_told(tmp_path):
    with pytest.raises(CorpusError, match=r"no _manifest\.json"):
        load_corpus(tmp_path)
    with pytest.raises(CorpusError, match=r"no _manifest\.json"):
        load_corpus(tmp_path / "nothing")


def test_part_that_cannot_be_read_is_told(made):
    corpus = made()
    (corpus.folder / "part-00002.parquet").write_bytes(b"PAR1")
    with pytest.raises(CorpusError, match=r"part-00002\.parquet: cannot be read"):
        list(corpus)


def test_folder_is_a_dataset_for_readers_of_parquet(corpus, embedder, tmp_path):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "the fox"}\n{\n')
    options = RunOptions(on_error="skip")
    embed_corpus(Input([str(path)]), tmp_path / "out", embedder, options)
    assert pandas.read_parquet(tmp_path / "out")["id"].tolist() == ["0"]
    assert pq.read_table(tmp_path / "out")["id"].to_pylist() == ["0"]


def test_index_finds_what_a_search_through_all_ids_finds():
    generator = random.Random(0)
    alphabet = ["a", "b", "é", "\uffff", "\U0001f600", ""]
    ids = ["".join(generator.choices(alphabet, k=3)) for _ in range(300)]
    index = IdIndex([pa.chunked_array([ids[:100], ids[100:150]]), pa.chunked_array([ids[150:]])])
    for key in {*ids, "", "c", "\ud800", "\U0001f601"}:
        assert index.rows(key) == [row for row, each in enumerate(ids) if each == key][:2]
    assert IdIndex([]).rows("a") == []
