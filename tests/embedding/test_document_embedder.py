"""Whole documents against a loop over segments with the tokenizer and plain transformers."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

from foldformer.config import ConfigurationError, Experiment, Params, check
from foldformer.embedding import DocumentEmbedder
from foldformer.text import PretrainedTransformerTokenizer
from foldformer.text.pretrained import load_tokenizer

TinyModel = Callable[[str], str]
TEXTS = [
    "The quick brown fox jumps over the lazy dog, and never stops: it is stitched from segments.",
    "",
    "   ",
    "a",
    "Él comió piñas \u200b und größer\n北京 \U0001f642 end",
]
WORDS = [text.split() for text in TEXTS]
TOLERANCE = {"atol": 1e-5, "rtol": 1e-4}  # float32, where another width or batch changes the order of summation


def naive_pieces(folder: str, ids: list[int], max_length: int, *, mix: bool = False) -> NDArray[np.float32]:
    """Run [CLS] content [SEP] segment by segment and keep the content."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    cls, sep = tokenizer.convert_tokens_to_ids(["[CLS]", "[SEP]"])
    rows = [torch.zeros(0, 32)]
    for start in range(0, len(ids), max_length - 2):
        segment = torch.tensor([[cls, *ids[start : start + max_length - 2], sep]])
        with torch.no_grad():
            output = model(segment, output_hidden_states=True)
        hidden = torch.stack(output.hidden_states[1:]).mean(0) if mix else output.last_hidden_state
        rows.append(hidden[0, 1:-1])
    return torch.cat(rows).numpy()


def naive_words(folder: str, words: list[str], max_length: int) -> NDArray[np.float32]:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    pieces = [tokenizer.encode(word, add_special_tokens=False) for word in words]
    vectors, position, pooled = naive_pieces(folder, list(chain(*pieces)), max_length), 0, [np.zeros((0, 32))]
    for word in pieces:
        own = vectors[position : position + len(word)]
        pooled.append(own.mean(0, keepdims=True) if len(word) else np.zeros((1, 32)))
        position += len(word)
    return np.concatenate(pooled)


def test_every_wordpiece_of_every_text_comes_with_its_characters(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    results = list(DocumentEmbedder.from_model(folder, max_length=7).embed(TEXTS))
    assert len(results) == len(TEXTS)
    for text, result in zip(TEXTS, results, strict=True):
        encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        assert result.pieces == tokenizer.convert_ids_to_tokens(encoded["input_ids"])
        assert result.starts is not None
        assert result.ends is not None
        assert list(zip(result.starts, result.ends, strict=True)) == encoded["offset_mapping"]
        np.testing.assert_allclose(result.vectors, naive_pieces(folder, encoded["input_ids"], 7), **TOLERANCE)
        assert result.num_wordpieces == len(result.pieces)
        assert result.num_segments == -(-len(result.pieces) // 5)


def test_words_of_a_list_are_taken_as_they_are(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    documents = [*WORDS, ["New York", "", "is"]]
    results = list(DocumentEmbedder.from_model(folder, max_length=7, level="word").embed(documents))
    for words, result in zip(documents, results, strict=True):
        assert result.pieces == words
        assert result.starts is None
        np.testing.assert_allclose(result.vectors, naive_words(folder, words, 7), **TOLERANCE)


def test_words_of_a_string_know_their_characters(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    embedder = DocumentEmbedder.from_model(folder, max_length=7, level="word")
    for from_text, from_words, text in zip(embedder.embed(TEXTS), embedder.embed(WORDS), TEXTS, strict=True):
        assert from_text.pieces == from_words.pieces
        np.testing.assert_allclose(from_text.vectors, from_words.vectors, **TOLERANCE)
        assert from_text.starts is not None
        assert from_text.ends is not None
        assert [text[s:e] for s, e in zip(from_text.starts, from_text.ends, strict=True)] == from_text.pieces


def test_words_of_running_text_are_cut_as_the_text_stands(tiny_model: TinyModel) -> None:
    folder = tiny_model("gpt2")  # which tells " is" from "is"
    text = "a bank is  a\nbank"
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    encoded = tokenizer(text, return_offsets_mapping=True)
    with torch.no_grad():
        rows = model(torch.tensor([encoded["input_ids"]])).last_hidden_state[0].numpy()
    expected, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        of_word = [i for i, (a, b) in enumerate(encoded["offset_mapping"]) if a < at and b > start]
        expected.append(rows[of_word].mean(0))
    (result,) = DocumentEmbedder.from_model(folder, level="word").embed([text])
    assert result.pieces == text.split()
    np.testing.assert_allclose(result.vectors, expected, **TOLERANCE)
    assert result.num_wordpieces == len(encoded["input_ids"])
    (from_words,) = DocumentEmbedder.from_model(folder, level="word").embed([text.split()])
    assert np.abs(from_words.vectors[1:] - result.vectors[1:]).max() > 0.01


def test_another_threads_truncation_cuts_nothing(tiny_model: TinyModel) -> None:
    folder, text = tiny_model("bert"), "the quick brown fox " * 50
    embedder, tokenizer = DocumentEmbedder(folder), load_tokenizer(folder)
    expected = next(iter(embedder.embed([text]))).num_wordpieces
    tokenizer(["a", text], truncation=True, padding=True, max_length=4)  # which it keeps
    assert tokenizer.backend_tokenizer.truncation is not None
    assert {document.num_wordpieces for document in embedder.embed([text, text])} == {expected}
    assert len(PretrainedTransformerTokenizer(folder).tokenize(text)) == expected + 2
    assert tokenizer.backend_tokenizer.truncation["max_length"] == 4
    tokenizer.backend_tokenizer.no_truncation()
    PretrainedTransformerTokenizer(folder, max_length=4).tokenize(text)
    assert tokenizer.backend_tokenizer.truncation is None


@pytest.mark.parametrize(
    ("mode", "pool"),
    [
        ("avg", np.mean),
        ("max", np.max),
        ("sum", np.sum),
        ("first", lambda rows, axis: rows[0]),
        ("last", lambda rows, axis: rows[-1]),
    ],
)
def test_document_vectors_pool_all_wordpieces(mode: Any, pool: Callable[..., Any], tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    embedder = DocumentEmbedder(folder, max_length=7, level="document", document_mode=mode)
    for text, result in zip(TEXTS, embedder.embed(TEXTS), strict=True):
        ids = tokenizer.encode(text, add_special_tokens=False)
        expected = pool(naive_pieces(folder, ids, 7), axis=0) if ids else np.zeros(32)
        np.testing.assert_allclose(result.vectors, [expected], **TOLERANCE)
        assert result.pieces == [text]


def test_mixing_layers_takes_their_mean(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    ids = AutoTokenizer.from_pretrained(folder).encode(TEXTS[0], add_special_tokens=False)
    (result,) = DocumentEmbedder.from_model(folder, max_length=7, layers="mix").embed(TEXTS[:1])
    np.testing.assert_allclose(result.vectors, naive_pieces(folder, ids, 7, mix=True), **TOLERANCE)


@pytest.mark.parametrize("family", ["roberta", "gpt2", "xlnet", "llama", "modernbert"])
def test_windows_and_micro_batches_change_nothing(family: str, tiny_model: TinyModel) -> None:
    folder = tiny_model(family)
    together = list(DocumentEmbedder.from_model(folder, max_length=9).embed(TEXTS * 3))
    narrow = DocumentEmbedder.from_model(folder, max_length=9, batch_tokens=1)  # one segment, few documents at a time
    for one, other in zip(together, narrow.embed(TEXTS * 3), strict=True):
        assert one.pieces == other.pieces
        np.testing.assert_allclose(one.vectors, other.vectors, **TOLERANCE)


@pytest.mark.parametrize(
    "options",
    [
        *({"level": "word", "word_mode": mode} for mode in ("avg", "first", "last", "max")),
        *({"level": "document", "document_mode": mode} for mode in ("avg", "first", "max", "sum", "last")),
    ],
    ids=lambda options: "-".join(options.values()),
)
def test_pieces_that_are_cut_between_blocks_are_whole(options: dict[str, Any], tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    documents = [["unfoldable" * 9, "", "a", "b" * 40], [""], ["of words " * 3, "\u200b"] * 5]
    together = list(DocumentEmbedder(folder, max_length=6, **options).embed(documents))
    narrow = DocumentEmbedder(folder, max_length=6, batch_tokens=1, **options)  # two segments a block
    for one, other in zip(together, narrow.embed(documents), strict=True):
        assert one.vectors.any() == (one.num_wordpieces > 0)
        np.testing.assert_allclose(one.vectors, other.vectors, **TOLERANCE)


def test_encoder_decoders_run_their_encoder(tiny_model: TinyModel) -> None:
    embedder = DocumentEmbedder(tiny_model("t5"), max_length=8, embedder={"sub_module": "encoder"})
    assert next(iter(embedder.embed(TEXTS))).vectors.any()


def test_a_corpus_is_read_no_further_than_the_look_ahead(tiny_model: TinyModel) -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield TEXTS[0]

    embedder = DocumentEmbedder.from_model(tiny_model("bert"), batch_tokens=32)
    results = embedder.embed(endless())
    for _ in range(50):
        next(results)
    results.close()
    assert 50 <= read < 150


def test_an_error_of_the_corpus_reaches_the_caller(tiny_model: TinyModel) -> None:
    def broken() -> Iterator[str]:
        yield "a"
        raise OSError("line 2")

    with pytest.raises(OSError, match="line 2"):
        list(DocumentEmbedder.from_model(tiny_model("bert")).embed(broken()))


def test_what_was_read_before_an_error_of_the_corpus_comes_first(tiny_model: TinyModel) -> None:
    def broken() -> Iterator[str]:
        yield from TEXTS
        raise RuntimeError("line 6")

    results = DocumentEmbedder.from_model(tiny_model("bert")).embed(broken())
    assert len(list(islice(results, len(TEXTS)))) == len(TEXTS)
    with pytest.raises(RuntimeError, match="line 6"):
        next(results)


def test_stopping_does_not_wait_for_a_corpus_that_blocks(tiny_model: TinyModel) -> None:
    gate, reading = threading.Event(), threading.Event()

    def blocking() -> Iterator[str]:
        yield TEXTS[0]
        reading.set()
        gate.wait(20)

    embedder = DocumentEmbedder.from_model(tiny_model("bert"), batch_tokens=1)
    results = embedder.embed(blocking())
    next(results)
    assert reading.wait(60)
    start = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - start < 10
    gate.set()


def test_interrupt_ends_a_process_whose_corpus_blocks(tiny_model: TinyModel) -> None:
    program = (
        "import os, signal, sys, threading, time\n"
        "from foldformer.corpus import DocumentEmbedder\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def blocking():\n"
        "    yield 'a'\n"
        "    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "    time.sleep(600)\n"
        "list(DocumentEmbedder.from_model(sys.argv[1]).embed(blocking()))\n"
    )
    command = [sys.executable, "-c", program, tiny_model("bert")]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "KeyboardInterrupt" in finished.stderr


def test_one_text_is_no_list_of_documents(tiny_model: TinyModel) -> None:
    with pytest.raises(ValueError, match=r"got the text \"one text\".*expected a list of documents"):
        DocumentEmbedder.from_model(tiny_model("bert")).embed("one text")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"level": "wrd"}, r'^level: got "wrd"; expected .*did you mean "word"'),
        ({"layers": "all"}, r'^layers: got "all"; expected "last" or "mix"'),
        ({"word_mode": "mean"}, r'^word_mode: got "mean"; expected "avg", "first", "last" or "max"'),
        (
            {"document_mode": "mean"},
            r'^document_mode: got "mean"; expected "avg", "max", "sum", "first", "last", "cls"',
        ),
        ({"dtype": "half"}, r'^dtype: got "half"; expected "float32", "bfloat16", "float16", "auto" or "int8"'),
        ({"dtype": "float23"}, r'did you mean "float32"'),
        ({"device": "cud"}, r'^device: got "cud"; expected .*did you mean "cuda"'),
        ({"device": "meta"}, r'^device: got "meta", which cannot be used here'),
        ({"batch_tokens": 0}, "^batch_tokens: got 0; expected a positive number"),
        ({"batch_tokens": -1}, "^batch_tokens: got -1"),
        ({"max_length": 0}, "max_length: got 0"),
        ({"embedder": {"max_lenght": 3}}, r'^embedder\.max_lenght: .*did you mean "max_length"'),
        ({"embedder": {"sub_module": 3}}, r"^embedder\.sub_module: got 3"),
        ({"embedder": {"max_length": 10}}, r"^embedder\.max_length: got 10; expected it as max_length beside"),
        ({"embedder": {"dtype": "bfloat16"}}, r'^embedder\.dtype: got "bfloat16"; expected it as dtype beside'),
        ({"embedder": {"last_layer_only": False}}, r"^embedder\.last_layer_only: got false; expected it as layers"),
        ({"embedder": {"train_parameters": True}}, r"^embedder\.train_parameters: got true"),
        ({"embedder": {"max_batch_tokens": 3}}, r"^embedder\.max_batch_tokens: got 3; expected it as batch_tokens"),
        ({"embedder": {"transformer_kwargs": {"dtype": "bfloat16"}}}, r"^embedder\.transformer_kwargs\.dtype: got"),
    ],
)
def test_parameters_are_checked_as_those_of_a_file(
    parameters: dict[str, Any], message: str, tiny_model: TinyModel
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        DocumentEmbedder(tiny_model("bert"), **parameters)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_gpu_that_is_not_there_is_told(tiny_model: TinyModel) -> None:
    with pytest.raises(ConfigurationError, match=r'^device: got "cuda", which cannot be used here'):
        DocumentEmbedder.from_model(tiny_model("bert"), device="cuda")


def test_what_is_no_document_is_named(tiny_model: TinyModel) -> None:
    embedder = DocumentEmbedder.from_model(tiny_model("bert"))
    with pytest.raises(ValueError, match="got int; expected a string or a sequence of words"):
        list(embedder.embed([3]))  # type: ignore[list-item]
    with pytest.raises(ValueError, match="surrogate"):
        list(embedder.embed(["\ud800"]))


def test_an_embedder_comes_from_a_file(tiny_model: TinyModel) -> None:
    params = {"type": "embed", "model_name": tiny_model("bert"), "max_length": 7, "level": "word",
              "word_tokenizer": {"type": "character"}}  # fmt: skip
    embedder = Experiment.from_params(Params(params))
    assert isinstance(embedder, DocumentEmbedder)
    (result,) = embedder.embed(["ab c"])
    assert result.pieces == ["a", "b", " ", "c"]
    with pytest.raises(ConfigurationError, match="level"):
        DocumentEmbedder.from_params(Params({**params, "level": "words"}))


def test_every_option_is_checked_before_anything_is_loaded() -> None:
    embedder = {"sub_modul": "encoder", "do_lowercase": False, "max_length": 3, "max_batch_tokens": 0}
    block = {"type": "embed", "model_name": "nowhere", "max_length": 0, "batch_tokens": 0, "level": "words"}
    paths = [problem.path for problem in check(Experiment, {**block, "embedder": embedder})]
    assert paths == ["max_length", "level", "batch_tokens"]
    block = {"type": "embed", "model_name": "nowhere", "dtype": "int8", "backend": "torch", "embedder": embedder}
    problems = check(Experiment, block)
    assert [problem.path for problem in problems] == [
        "dtype",
        "embedder.max_length",
        "embedder.max_batch_tokens",
        "embedder.sub_modul",
        "embedder.do_lowercase",
    ]
    assert problems[3].message.endswith('did you mean "sub_module"?')


def test_fingerprints_tell_weights_apart(tiny_model: TinyModel) -> None:
    first = DocumentEmbedder.from_model(tiny_model("bert"))
    assert first.weights_fingerprint() == DocumentEmbedder.from_model(tiny_model("bert")).weights_fingerprint()
    assert first.weights_fingerprint() != DocumentEmbedder.from_model(tiny_model("electra")).weights_fingerprint()
