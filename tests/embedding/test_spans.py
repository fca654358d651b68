"""Spans of documents against a naive loop over stitched wordpieces."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from transformers import AutoTokenizer

from foldformer.config import ConfigurationError
from foldformer.embedding import DocumentEmbedder, Spanned, span_pooling
from foldformer.embedding.span_pooling import SpanPool
from foldformer.text.splitters import FixedSplitter, ParagraphSplitter, SentenceSplitter

TinyModel = Callable[[str], str]
TOLERANCE = {"atol": 1e-5, "rtol": 1e-4}  # float32, where another width or batch changes the order of summation
TEXT = "The quick brown fox. It jumps  over the lazy dog!\n\nA bank may lend money; a river has one too."
POOLS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "avg": lambda rows: rows.mean(0),
    "max": lambda rows: rows.max(0),
    "first": lambda rows: rows[0],
    "last": lambda rows: rows[-1],
    "endpoints": lambda rows: np.concatenate([rows[0], rows[-1]]),
}


def naive_spans(folder: str, text: str, spans: list[tuple[int, int]], mode: str, **options: Any) -> NDArray[np.float32]:
    (wordpieces,) = DocumentEmbedder(folder, **options).embed([text])
    pooled = []
    for start, end in spans:
        rows = [
            vector
            for vector, first, last in zip(wordpieces.vectors, wordpieces.starts, wordpieces.ends, strict=True)
            if first < end and last > start and start < end
        ]
        width = 64 if mode == "endpoints" else 32
        pooled.append(POOLS[mode](np.array(rows)) if rows else np.zeros(width))
    return np.array(pooled, np.float32).reshape(-1, 64 if mode == "endpoints" else 32)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spans=st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(sorted).map(tuple), max_size=8),
    mode=st.sampled_from(list(POOLS)),
    overlap=st.sampled_from([0, 3, 8]),
    block=st.integers(1, 5),
)
def test_spans_equal_the_naive_loop_over_stitched_wordpieces(
    spans: list[tuple[int, int]], mode: Any, overlap: int, block: int, tiny_model: TinyModel
) -> None:
    folder, options = tiny_model("bert"), {"max_length": 11, "overlap": overlap}
    embedder = DocumentEmbedder(folder, level="span", span_mode=mode, batch_tokens=block, **options)
    documents = [Spanned(TEXT, spans), Spanned("", [(0, 0)]), Spanned(TEXT[:30], [(4, 9)])]
    results = list(embedder.embed(documents))
    assert embedder.dim == results[0].vectors.shape[1]
    for document, result in zip(documents, results, strict=True):
        expected = naive_spans(folder, document.document, document.spans, mode, **options)
        np.testing.assert_allclose(result.vectors, expected, **TOLERANCE)
        assert result.pieces == [document.document[start:end] for start, end in document.spans]
        assert list(zip(result.starts, result.ends, strict=True)) == document.spans


def test_spans_of_words_are_pooled_over_their_wordpieces(tiny_model: TinyModel) -> None:
    folder, words = tiny_model("bert"), [*TEXT.split(), "\u200b"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    spans = [(0, 4), (2, 3), (0, len(words)), (len(words) - 1, len(words)), (5, 5)]
    (result,) = DocumentEmbedder(folder, max_length=11, level="span").embed([Spanned(words, spans)])
    (wordpieces,) = DocumentEmbedder(folder, max_length=11).embed([words])
    bounds = np.cumsum([0, *[len(tokenizer.tokenize(word)) for word in words]])
    rows = [wordpieces.vectors[bounds[start] : bounds[end]] for start, end in spans]
    expected = [own.mean(0) if len(own) else np.zeros(32) for own in rows]
    np.testing.assert_allclose(result.vectors, expected, **TOLERANCE)
    assert result.pieces[:2] == ["The quick brown fox.", "brown"]
    assert list(zip(result.starts, result.ends, strict=True)) == spans


@pytest.mark.parametrize("splitter", [SentenceSplitter(), ParagraphSplitter()])
def test_a_splitter_finds_the_spans_of_texts_and_lists(splitter: Any, tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    embedder = DocumentEmbedder(folder, max_length=11, level="span", spans=splitter)
    spans = splitter.split(TEXT)
    of_text, of_spans, of_words = embedder.embed([TEXT, Spanned(TEXT, spans), TEXT.split()])
    np.testing.assert_array_equal(of_text.vectors, of_spans.vectors)
    assert of_text.pieces == [TEXT[start:end] for start, end in spans]
    assert of_words.pieces == [" ".join(TEXT.split()[a:b]) for a, b in zip(of_words.starts, of_words.ends, strict=True)]
    if isinstance(splitter, SentenceSplitter):
        assert of_words.pieces == [" ".join(piece.split()) for piece in of_text.pieces]


def test_fixed_spans_have_so_many_wordpieces(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    (wordpieces,) = DocumentEmbedder(folder, max_length=11).embed([TEXT])
    splitter = FixedSplitter(7, 2)
    (result,) = DocumentEmbedder(folder, max_length=11, level="span", spans=splitter).embed([TEXT])
    firsts = range(0, len(wordpieces.pieces) - 2, 5)
    expected = [wordpieces.vectors[first : first + 7].mean(0) for first in firsts]
    np.testing.assert_allclose(result.vectors, expected, **TOLERANCE)
    assert result.ends[-1] == len(TEXT)
    for short in ("", "a"):
        (result,) = DocumentEmbedder(folder, level="span", spans=splitter).embed([short])
        assert result.pieces == [short] * len(short)
    with pytest.raises(ConfigurationError, match="overlap: got 7; expected 0 to 6"):
        FixedSplitter(7, 7)


@given(st.integers(0, 20), st.integers(1, 6), st.data())
def test_fixed_spans_end_with_the_text(count: int, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    wordpieces = np.stack([np.arange(count), np.arange(count) + 1], axis=1)
    spans, end = FixedSplitter(size, overlap).split_cut("a" * count, wordpieces), 0
    for start, last in spans:
        assert start == max(end - overlap, 0)
        assert last == min(start + size, count) > end
        end = last
    assert end == count


def test_vectors_are_normalized_on_request_but_for_zeros(tiny_model: TinyModel) -> None:
    folder, document = tiny_model("bert"), Spanned(TEXT, [(0, 9), (3, 3)])
    (plain,) = DocumentEmbedder(folder, level="span").embed([document])
    (result,) = DocumentEmbedder(folder, level="span", normalize=True).embed([document])
    np.testing.assert_allclose(result.vectors[0], plain.vectors[0] / np.linalg.norm(plain.vectors[0]), rtol=1e-5)
    assert not result.vectors[1].any()


def test_nested_spans_are_pooled_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(span_pooling, "MOST_MEMBERS", 5)
    vectors = torch.randn(12, 3)
    spans = np.array([(0, 12), (1, 11), (4, 5), (4, 4), (7, 12)], np.int32)
    for mode in ("avg", "max"):
        pool = SpanPool(spans, 3, mode)
        for first in (0, 5):
            pool.add(first, vectors[first : 5 if first == 0 else None])
        expected = [torch.zeros(3) if a == b else POOLS[mode](vectors[a:b].numpy()) for a, b in spans]
        np.testing.assert_allclose(pool.vectors, np.stack(expected), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (Spanned("a bank", [(0, 7)]), r"spans: got \[0, 7\] in a document of 6 characters; expected 0 <= start"),
        (Spanned(["a", "bank"], [(2, 1)]), r"spans: got \[2, 1\] in a document of 2 words"),
        ("a bank", "document: got no spans at level span; expected Spanned"),
    ],
)
def test_wrong_spans_are_named(document: Any, message: str, tiny_model: TinyModel) -> None:
    with pytest.raises(ValueError, match=message):
        list(DocumentEmbedder(tiny_model("bert"), level="span").embed([document]))


def test_spans_at_another_level_are_refused(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    with pytest.raises(ConfigurationError, match='spans: got a splitter at level "word"'):
        DocumentEmbedder(folder, level="word", spans=SentenceSplitter())
    with pytest.raises(ValueError, match='document: got Spanned; expected level "span"'):
        list(DocumentEmbedder(folder).embed([Spanned("a", [(0, 1)])]))
    with pytest.raises(ConfigurationError, match='got the splitter "fixed", which counts wordpieces'):
        list(DocumentEmbedder(folder, cut="sentence", sentence_splitter=FixedSplitter(3)).embed(["a"]))
