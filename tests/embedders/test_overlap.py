"""Segments that share wordpieces, or end at words and sentences: indexer and embedder against a naive loop."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import AutoModel, AutoTokenizer

from embedders import PretrainedTransformerEmbedder, PretrainedTransformerMismatchedEmbedder
from foldformer.config import ConfigurationError, Params, check
from foldformer.data import Batch, Instance, TextField
from foldformer.models import TokenEmbedder
from foldformer.text import PretrainedTransformerTokenizer, Token, Vocabulary, find_special_tokens
from indexers import PretrainedTransformerIndexer, PretrainedTransformerMismatchedIndexer

TOLERANCE = {"atol": 1e-5, "rtol": 1e-4}  # float32, where another width or batch changes the order of summation
TinyModel = Callable[[str], str]
MODES = ["average", "max_context", "weighted"]
CUTS = ["wordpiece", "word", "sentence", "even"]
TEXT = "The quick brown fox. It jumps over the lazy dog, and never stops! A bank may lend money; a river has one too."


def tensors_of(indexer: Any, documents: list[list[Token]]) -> dict[str, Tensor]:
    batch = Batch([Instance({"text": TextField(tokens, {"tokens": indexer})}) for tokens in documents])
    batch.index_instances(Vocabulary())
    return batch.as_tensor_dict()["text"]["tokens"]


def texts(folder: str, contents: list[str]) -> list[list[Token]]:
    return PretrainedTransformerTokenizer(folder).batch_tokenize(contents)


def naive_document(model: Any, folder: str, ids: list[int], spans: list[tuple[int, int]], mode: str) -> Tensor:
    """Run one segment at a time and combine, wordpiece by wordpiece, what the segments say."""
    special = find_special_tokens(AutoTokenizer.from_pretrained(folder))
    start, end = [t.id for t in special.single_start], [t.id for t in special.single_end]
    types = [t.type_id for t in special.single_end]
    said: list[list[tuple[Tensor, int]]] = [[] for _ in ids]
    before, behind = torch.zeros(0, 32), torch.zeros(0, 32)
    for number, (first, last) in enumerate(spans):
        inputs = {"input_ids": torch.tensor([[*start, *ids[first:last], *end]])}
        if any(types):
            inputs["token_type_ids"] = torch.tensor([[0] * (inputs["input_ids"].size(1) - len(types)) + types])
        hidden = model(**inputs).last_hidden_state[0]
        if number == 0:
            before = hidden[: len(start)]
        behind = hidden[len(start) + last - first :]
        for i in range(first, last):
            said[i].append((hidden[len(start) + i - first], 1 + min(i - first, last - 1 - i)))
    rows = [before]
    for candidates in said:
        vectors, distances = [v for v, _ in candidates], [d for _, d in candidates]
        if mode == "average":
            rows.append(torch.stack(vectors).mean(0, keepdim=True))
        elif mode == "weighted":
            rows.append((sum(v * d for v, d in candidates) / sum(distances))[None])
        else:
            rows.append(vectors[distances.index(max(distances))][None])
    return torch.cat([*rows, behind])


def content_of(folder: str, tokens: list[Token]) -> list[int]:
    special = find_special_tokens(AutoTokenizer.from_pretrained(folder))
    return [token.text_id for token in tokens[len(special.single_start) : len(tokens) - len(special.single_end)]]


def spans_of(tensors: dict[str, Tensor], document: int) -> list[tuple[int, int]]:
    return [(start, end) for start, end in tensors["segment_spans"][document].tolist() if end]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("family", ["bert", "t5", "xlnet", "gpt2", "roberta"])
def test_every_kind_of_tokenizer_equals_the_naive_loop(family: str, mode: Any, tiny_model: TinyModel) -> None:
    folder = tiny_model(family)
    part = {"t5": "encoder"}.get(family)
    indexer = PretrainedTransformerIndexer(folder, max_length=9, overlap=3)
    embedder = PretrainedTransformerEmbedder(
        folder, max_length=9, sub_module=part, max_batch_tokens=40, overlap=3, overlap_mode=mode
    ).eval()
    documents = texts(folder, [TEXT, "", "a", TEXT[:31]])
    tensors = tensors_of(indexer, documents)
    with_graph = embedder(**tensors)
    assert with_graph.requires_grad
    with torch.no_grad():
        torch.testing.assert_close(embedder(**tensors), with_graph.detach(), **TOLERANCE)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    model = getattr(model, part) if part else model
    for number, (tokens, row) in enumerate(zip(documents, with_graph, strict=True)):
        expected = naive_document(model, folder, content_of(folder, tokens), spans_of(tensors, number), mode)
        torch.testing.assert_close(row[: len(expected)], expected, **TOLERANCE)
        assert row[len(expected) :].eq(0).all()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contents=st.lists(st.text("ab .!", max_size=40), min_size=1, max_size=4),
    room=st.integers(1, 12),
    cut=st.sampled_from(CUTS),
    mode=st.sampled_from(MODES),
    budget=st.integers(1, 80),
    data=st.data(),
)
def test_any_batch_equals_the_naive_loop(
    contents: list[str], room: int, cut: Any, mode: Any, budget: int, data: st.DataObject, tiny_model: TinyModel
) -> None:
    folder, overlap = tiny_model("bert"), data.draw(st.integers(0, room - 1))
    indexer = PretrainedTransformerIndexer(folder, max_length=room + 2, overlap=overlap, cut=cut)
    embedder = PretrainedTransformerEmbedder(
        folder, max_length=room + 2, max_batch_tokens=budget, overlap=overlap, overlap_mode=mode
    ).eval()
    documents = texts(folder, contents)
    tensors = tensors_of(indexer, documents)
    if overlap == 0 and cut == "wordpiece":
        assert "segment_spans" not in tensors
        return
    with torch.no_grad():
        output = embedder(**tensors)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    for number, (tokens, row) in enumerate(zip(documents, output, strict=True)):
        spans = spans_of(tensors, number)
        assert all(0 < end - start <= room for start, end in spans)
        expected = naive_document(model, folder, content_of(folder, tokens), spans, mode).detach()
        torch.testing.assert_close(row[: len(expected)], expected, **TOLERANCE)


@pytest.mark.parametrize("mode", MODES)
def test_gradients_equal_those_of_the_naive_loop(mode: Any, tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    indexer = PretrainedTransformerIndexer(folder, max_length=9, overlap=4)
    embedder = PretrainedTransformerEmbedder(folder, max_length=9, overlap=4, overlap_mode=mode).eval()
    documents = texts(folder, [TEXT, "a bank"])
    tensors = tensors_of(indexer, documents)
    direction = torch.randn(tensors["mask"].size(1), 32)
    (embedder(**tensors) * direction).sum().backward()
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    for number, tokens in enumerate(documents):
        rows = naive_document(model, folder, content_of(folder, tokens), spans_of(tensors, number), mode)
        (rows * direction[: len(rows)]).sum().backward()
    expected = {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}
    for name, parameter in embedder.transformer_model.named_parameters():
        if name in expected:
            torch.testing.assert_close(parameter.grad, expected[name], atol=1e-4, rtol=1e-3)  # sums over all wordpieces


def test_modes_and_no_overlap_differ(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    documents = texts(folder, [TEXT])
    outputs = []
    for overlap, mode in [(0, "average"), *((4, mode) for mode in MODES)]:
        indexer = PretrainedTransformerIndexer(folder, max_length=9, overlap=overlap)
        embedder = PretrainedTransformerEmbedder(folder, max_length=9, overlap=overlap, overlap_mode=mode).eval()
        outputs.append(embedder(**tensors_of(indexer, documents)))
    assert all((a - b).abs().max() > 0.01 for n, a in enumerate(outputs) for b in outputs[:n])


@pytest.mark.parametrize("sub_token_mode", ["avg", "max"])
def test_words_are_pooled_after_stitching(sub_token_mode: Any, tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    words = [Token(word) for word in TEXT.split()]
    options: dict[str, Any] = {"max_length": 9, "overlap": 4}
    tensors = tensors_of(PretrainedTransformerMismatchedIndexer(folder, **options), [words, words[:3], []])
    output = PretrainedTransformerMismatchedEmbedder(folder, sub_token_mode=sub_token_mode, **options).eval()(**tensors)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    ids = AutoTokenizer.from_pretrained(folder)([w.text for w in words], is_split_into_words=True)["input_ids"][1:-1]
    rows = naive_document(model, folder, ids, spans_of(tensors, 0), "average")
    for number, (first, last) in enumerate(tensors["offsets"][0].tolist()):
        own = rows[first : last + 1]
        expected = own.mean(0) if sub_token_mode == "avg" else own.amax(0)
        torch.testing.assert_close(output[0, number], expected, **TOLERANCE)


@pytest.mark.parametrize("cut", ["word", "sentence"])
def test_both_indexers_cut_at_the_same_words(cut: Any, tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    options: dict[str, Any] = {"max_length": 22, "overlap": 5, "cut": cut}
    of_words = tensors_of(PretrainedTransformerMismatchedIndexer(folder, **options), [list(map(Token, TEXT.split()))])
    of_pieces = tensors_of(PretrainedTransformerIndexer(folder, **options), texts(folder, [TEXT]))
    assert of_words["segment_spans"].equal(of_pieces["segment_spans"])
    starts = {first - 1 for first, _ in of_words["offsets"][0].tolist()}
    spans = spans_of(of_words, 0)
    assert {start for start, _ in spans} <= starts
    assert {end for _, end in spans[:-1]} <= starts
    if cut == "sentence":
        ends = [TEXT[: TEXT.index(mark) + 1].count(" ") + 1 for mark in ".!"]
        sentence_starts = {of_words["offsets"][0, word, 0].item() - 1 for word in ends}
        assert {end for _, end in spans} & sentence_starts


def test_a_mix_of_layers_and_a_cache_take_part(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    options: dict[str, Any] = {"max_length": 9, "overlap": 4}
    tensors = tensors_of(PretrainedTransformerIndexer(folder, **options), texts(folder, [TEXT, "", "a bank"]))
    frozen = {"train_parameters": False, **options}
    plain = PretrainedTransformerEmbedder(folder, **frozen)(**tensors)
    cached = PretrainedTransformerEmbedder(folder, cache_frozen=True, **frozen)
    assert cached(**tensors).equal(plain)
    assert cached(**tensors).equal(plain)
    other = PretrainedTransformerEmbedder(
        folder, cache_frozen=True, cache_folder=str(cached._cache.folder), overlap_mode="max_context", **frozen
    )
    assert not other(**tensors).equal(plain)
    mixed = PretrainedTransformerEmbedder(folder, last_layer_only=False, **frozen)
    output = mixed(**tensors)
    output.sum().backward()
    assert mixed.scalar_mix.gamma.grad is not None
    with torch.no_grad():
        torch.testing.assert_close(mixed(**tensors), output.detach(), **TOLERANCE)


def test_openvino_gives_the_same(tiny_model: TinyModel) -> None:
    pytest.importorskip("openvino")
    folder = tiny_model("bert")
    options: dict[str, Any] = {"max_length": 9, "overlap": 4, "train_parameters": False}
    tensors = tensors_of(PretrainedTransformerIndexer(folder, max_length=9, overlap=4), texts(folder, [TEXT, "a"]))
    torch.testing.assert_close(
        PretrainedTransformerEmbedder(folder, backend="openvino", **options)(**tensors),
        PretrainedTransformerEmbedder(folder, **options)(**tensors),
        **TOLERANCE,
    )


def test_lists_of_texts_pad_with_empty_ones(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    for kind in (PretrainedTransformerIndexer, PretrainedTransformerMismatchedIndexer):
        empty = kind(folder, max_length=9, overlap=4).get_empty_token_list()
        assert empty["segment_spans"] == []
        assert "segment_spans" not in kind(folder, max_length=9).get_empty_token_list()


@pytest.mark.parametrize(
    ("of_indexer", "of_embedder", "message"),
    [
        ({"overlap": 4}, {}, "share 4 wordpieces; expected at most 0, the overlap of this embedder"),
        ({}, {"overlap": 4}, "segment_spans: missing, but this embedder has overlap 4"),
        ({"overlap": 4}, {"overlap": 2}, "expected at most 2"),
    ],
)
def test_indexer_and_embedder_must_agree(
    of_indexer: Any, of_embedder: Any, message: str, tiny_model: TinyModel
) -> None:
    folder = tiny_model("bert")
    tensors = tensors_of(PretrainedTransformerIndexer(folder, max_length=9, **of_indexer), texts(folder, [TEXT]))
    with pytest.raises(ValueError, match=message):
        PretrainedTransformerEmbedder(folder, max_length=9, **of_embedder)(**tensors)


def test_spans_that_do_not_fit_are_named(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    tensors = tensors_of(PretrainedTransformerIndexer(folder, max_length=9, overlap=4), texts(folder, [TEXT, "a"]))
    embedder = PretrainedTransformerEmbedder(folder, max_length=9, overlap=4)
    spans = tensors["segment_spans"]
    holed = spans.clone()
    holed[0, 1, 0] = 8
    shorter = spans.clone()
    shorter[1, 0, 1] += 1
    for wrong, message in [
        (holed, r"segment 1 of document 0 is \[8, 10\]; expected it to begin within"),
        (shorter, "those of document 1 hold 4 wordpieces"),
        (spans[0], r"got shape \(\d+, 2\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            embedder(**{**tensors, "segment_spans": wrong})


def test_overlap_not_below_the_content_is_refused(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    for kind in (PretrainedTransformerIndexer, PretrainedTransformerEmbedder):
        with pytest.raises(ConfigurationError, match=r"overlap: got 7; expected 0 to 6"):
            kind(folder, max_length=9, overlap=7)
        with pytest.raises(ConfigurationError, match="overlap: got 7 without max_length"):
            kind(folder, overlap=7)
    problems = check(TokenEmbedder, {"type": "pretrained_transformer", "model_name": folder, "overlap": 4})
    assert [problem.path for problem in problems] == ["overlap"]


def test_files_build_them(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    data = {"type": "pretrained_transformer", "model_name": folder, "max_length": 9, "overlap": 4, "cut": "sentence"}
    from foldformer.data import TokenIndexer

    indexer = TokenIndexer.from_params(Params({**data, "sentence_splitter": {"type": "sentences"}}))
    tensors = tensors_of(indexer, texts(folder, [TEXT]))
    assert all(end - start <= 4 for (_, end), (start, _) in pairwise(spans_of(tensors, 0)))
    with pytest.raises(ConfigurationError, match='sentence_splitter: got one with cut "word"'):
        TokenIndexer.from_params(Params({**data, "cut": "word", "sentence_splitter": {"type": "sentences"}}))


def test_a_cache_tells_other_segments_of_the_same_ids_apart(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    options: dict[str, Any] = {"max_length": 7, "overlap": 3, "train_parameters": False}
    (tokens,) = texts(folder, ["a a a a a a a a a a"])
    first = tensors_of(PretrainedTransformerIndexer(folder, max_length=7, overlap=2), [tokens])
    assert spans_of(first, 0) == [(0, 5), (3, 8), (6, 10)]
    second = {**first, "segment_spans": torch.tensor([[[0, 5], [2, 7], [6, 10]]])}
    cached = PretrainedTransformerEmbedder(folder, cache_frozen=True, **options)
    for tensors in (first, second, first):
        assert cached(**tensors).equal(PretrainedTransformerEmbedder(folder, **options)(**tensors))


def test_wrong_names_are_refused_with_the_nearest(tiny_model: TinyModel) -> None:
    with pytest.raises(ConfigurationError, match=r'overlap_mode: got "averag"; .*did you mean "average"'):
        PretrainedTransformerEmbedder(tiny_model("bert"), overlap_mode="averag")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r'cut: got "sentences"; .*did you mean "sentence"'):
        PretrainedTransformerIndexer(tiny_model("bert"), max_length=9, cut="sentences")  # type: ignore[arg-type]
