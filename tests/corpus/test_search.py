import json
import shutil

import numpy as np
import pytest
from transformers import AutoConfig, AutoModel

from foldformer.config import ConfigurationError
from foldformer.corpus import DocumentEmbedder, Input, RunOptions, embed_corpus, load_corpus
from foldformer.corpus.reading.search import embedder_of, nearest_pieces, query_vector
from foldformer.text import PretrainedTransformerTokenizer

TEXTS = [
    "the quick brown fox",
    "a lazy dog jumps over the fox",
    "",
    "money in the bank",
    "the river has a bank as well",
]


@pytest.fixture
def made(tiny_model, tmp_path):
    def make(level: str, dtype: str = "float32"):
        (tmp_path / "in.txt").write_text("\n".join(TEXTS) + "\n")
        embedder = DocumentEmbedder.from_model(tiny_model("bert"), max_length=16, level=level)
        options = RunOptions(dtype, rows_per_part=2)
        embed_corpus(Input([str(tmp_path / "in.txt")]), tmp_path / f"{level}-{dtype}", embedder, options)
        return load_corpus(tmp_path / f"{level}-{dtype}"), embedder

    return make


@pytest.mark.parametrize("dtype", ["float32", "int8"])
@pytest.mark.parametrize("level", ["wordpiece", "word", "document"])
def test_hits_are_those_of_a_plain_loop_over_all_vectors(level, dtype, made):
    corpus, embedder = made(level, dtype)
    query = query_vector("the brown dog", embedder_of(corpus))
    scores = [
        (float(vector @ query / np.linalg.norm(vector) / np.linalg.norm(query)), str(number), place)
        for number, document in enumerate(embedder.embed(TEXTS))
        for place, vector in enumerate(document.vectors)
        if np.linalg.norm(vector) > 0
    ]
    hits = nearest_pieces(corpus, query, 3)
    for hit, (score, _, _) in zip(hits, sorted(scores, reverse=True)[:3], strict=True):
        assert hit.score == pytest.approx(score, abs=1e-5 if dtype == "float32" else 2e-2)
    if dtype == "float32":
        assert (hits[0].id, hits[0].place) == max(scores)[1:]


def test_words_of_another_tokenizer_need_it_again(tiny_model, tmp_path):
    (tmp_path / "in.txt").write_text("one-two three\n")
    splitter = PretrainedTransformerTokenizer(tiny_model("bert"), add_special_tokens=False)
    embedder = DocumentEmbedder(tiny_model("bert"), level="word", word_tokenizer=splitter)
    embed_corpus(Input([str(tmp_path / "in.txt")]), tmp_path / "out", embedder)
    corpus = load_corpus(tmp_path / "out")
    with pytest.raises(ConfigurationError, match="expected the PretrainedTransformerTokenizer that split this corpus"):
        embedder_of(corpus)
    query = query_vector("one-two three", embedder_of(corpus, word_tokenizer=splitter))
    (document,) = embedder.embed(["one-two three"])
    np.testing.assert_allclose(query, document.vectors.mean(axis=0), atol=1e-5)


def test_hit_comes_with_its_context(made):
    corpus, embedder = made("word")
    (hit,) = nearest_pieces(corpus, query_vector("the river has a [bank] as well", embedder), 1)
    assert (hit.id, hit.place, hit.piece) == ("4", 4, "bank")
    assert hit.before == ("the", "river", "has", "a")
    assert hit.after == ("as", "well")
    assert hit.score == pytest.approx(1, abs=1e-5)


def test_brackets_choose_the_pieces_that_they_hold(made):
    _, embedder = made("wordpiece")
    (document,) = embedder.embed(["the quick fox"])
    chosen = (document.starts >= 4) & (document.ends <= 9)
    np.testing.assert_allclose(
        query_vector("the [quick] fox", embedder), document.vectors[chosen].mean(axis=0), atol=1e-6
    )
    np.testing.assert_allclose(query_vector("the quick fox", embedder), document.vectors.mean(axis=0), atol=1e-6)


def test_brackets_leave_out_the_pieces_that_only_touch_them(made):
    _, embedder = made("wordpiece")
    (document,) = embedder.embed(["jumps"])
    assert len(document.pieces) >= 3
    start, end = document.starts[1], document.ends[1]
    query = f"{'jumps'[:start]}[{'jumps'[start:end]}]{'jumps'[end:]}"
    np.testing.assert_allclose(query_vector(query, embedder), document.vectors[1], atol=1e-6)


def test_query_without_a_vector_is_told(made):
    _, embedder = made("word")
    with pytest.raises(ConfigurationError, match="nothing has a vector"):
        query_vector("   ", embedder)
    _, embedder = made("document")
    with pytest.raises(ConfigurationError, match="expected none"):
        query_vector("the [fox]", embedder)


def test_fewer_vectors_than_asked_for_are_all_there_are(made):
    corpus, embedder = made("document")
    assert len(nearest_pieces(corpus, query_vector("fox", embedder), 100)) == len(TEXTS)


@pytest.mark.parametrize(
    ("family", "message"), [("electra", "whose weights are not those"), ("wide", "16 numbers instead of 32")]
)
def test_another_model_than_that_of_the_corpus_is_refused(family, message, made, tiny_model, tmp_path):
    corpus, _ = made("word")
    other = tiny_model("bert" if family == "wide" else family)
    if family == "wide":
        shutil.copytree(other, tmp_path / "wide")
        config = AutoConfig.from_pretrained(other)
        config.hidden_size = 16
        AutoModel.from_config(config).save_pretrained(tmp_path / "wide")
        other = str(tmp_path / "wide")
    with pytest.raises(ConfigurationError, match=f"^--model: got .*{message}"):
        embedder_of(corpus, model_name=other)


def test_model_that_has_moved_is_the_same(made, tiny_model, tmp_path):
    corpus, embedder = made("word")
    shutil.copytree(tiny_model("bert"), tmp_path / "moved")
    moved = embedder_of(corpus, model_name=str(tmp_path / "moved"))
    np.testing.assert_array_equal(query_vector("a fox", moved), query_vector("a fox", embedder))


def test_another_tokenizer_beside_the_same_weights_is_refused(made, tiny_model, tmp_path):
    corpus, _ = made("word")
    shutil.copytree(tiny_model("bert"), tmp_path / "moved")
    tokenizer = json.loads((tmp_path / "moved/tokenizer.json").read_text())
    tokenizer["normalizer"] = {"type": "Lowercase"}
    (tmp_path / "moved/tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(ConfigurationError, match="whose tokenizer is not the one"):
        embedder_of(corpus, model_name=str(tmp_path / "moved"))


def test_query_that_is_no_text_is_told(made):
    _, embedder = made("word")
    with pytest.raises(ConfigurationError, match=r"^TEXT: got what is no UTF-8 at character 4"):
        query_vector("cafe\udce9", embedder)
