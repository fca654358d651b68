"""Documents whose segments share wordpieces or end at words, against a naive loop."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

from foldformer.config import ConfigurationError, Experiment, check
from foldformer.embedding import DocumentEmbedder
from foldformer.embedding.shared_wordpieces import SharedWordpieces
from foldformer.engine.backends import openvino, pytorch

TinyModel = Callable[[str], str]
TOLERANCE = {"atol": 1e-5, "rtol": 1e-4}  # float32, where another width or batch changes the order of summation
TEXT = "The quick brown fox. It jumps over the lazy dog, and never stops! A bank may lend money; a river has one too. "
MODES = ["average", "max_context", "weighted"]
POOLS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "avg": lambda rows: rows.mean(0),
    "max": lambda rows: rows.max(0),
    "sum": lambda rows: rows.sum(0),
    "last": lambda rows: rows[-1],
    "first": lambda rows: rows[0],
}


def naive_wordpieces(folder: str, text: str, size: int, overlap: int, mode: str) -> NDArray[np.float32]:
    """Full segments one by one; what they say of a wordpiece is combined by hand."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    ids = tokenizer.encode(text, add_special_tokens=False)
    sums, weights, best = np.zeros((len(ids), 32)), np.zeros((len(ids), 1)), np.zeros(len(ids))
    start = 0
    while ids:
        end = min(start + size, len(ids))
        with torch.no_grad():
            hidden = model(torch.tensor([tokenizer.build_inputs(ids[start:end])])).last_hidden_state[0, 1:-1].numpy()
        for i in range(start, end):
            distance = 1 + min(i - start, end - 1 - i)
            weight = {"average": 1.0, "weighted": distance, "max_context": 1.0}[mode]
            if mode == "max_context":
                if distance <= best[i]:
                    continue
                best[i], sums[i], weights[i] = distance, 0, 0
            sums[i] += weight * hidden[i - start]
            weights[i] += weight
        if end == len(ids):
            break
        start = end - overlap
    return sums / np.maximum(weights, 1e-9)


@pytest.fixture(autouse=True)
def with_special_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import PreTrainedTokenizerFast

    def build_inputs(self: Any, ids: list[int]) -> list[int]:
        return [*self.convert_tokens_to_ids(["[CLS]"]), *ids, *self.convert_tokens_to_ids(["[SEP]"])]

    monkeypatch.setattr(PreTrainedTokenizerFast, "build_inputs", build_inputs, raising=False)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    repeats=st.lists(st.integers(0, 6), min_size=1, max_size=4),
    size=st.integers(2, 12),
    mode=st.sampled_from(MODES),
    block=st.integers(1, 6),
    pool=st.sampled_from([None, *POOLS]),
    data=st.data(),
)
def test_documents_equal_the_naive_loop_in_blocks_of_any_size(
    repeats: list[int], size: int, mode: Any, block: int, pool: Any, data: st.DataObject, tiny_model: TinyModel
) -> None:
    folder, overlap = tiny_model("bert"), data.draw(st.integers(1, size - 1))
    texts = [(TEXT * count)[: 37 * count] for count in repeats]
    options: dict[str, Any] = {} if pool is None else {"level": "document", "document_mode": pool}
    embedder = DocumentEmbedder(
        folder, max_length=size + 2, overlap=overlap, overlap_mode=mode, batch_tokens=block, backend="torch", **options
    )
    for text, result in zip(texts, embedder.embed(texts), strict=True):
        expected = naive_wordpieces(folder, text, size, overlap, mode)
        if pool is not None:
            expected = POOLS[pool](expected)[None] if len(expected) else np.zeros((1, 32))
        np.testing.assert_allclose(result.vectors, expected, **TOLERANCE)


@pytest.mark.parametrize("backend", ["torch", "openvino"])
@pytest.mark.parametrize("level", ["wordpiece", "word"])
def test_a_long_document_takes_many_blocks(
    level: Any, backend: Any, tiny_model: TinyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino")
    monkeypatch.setattr(pytorch, "LOOK_AHEAD", 1)
    monkeypatch.setattr(openvino, "MOST_BEGUN", 1)
    folder, text = tiny_model("bert"), TEXT * 5
    options: dict[str, Any] = {"max_length": 12, "overlap": 7, "overlap_mode": "weighted", "backend": backend}
    (result,) = DocumentEmbedder(folder, level=level, batch_tokens=30, **options).embed([text])
    rows = naive_wordpieces(folder, text, 10, 7, "weighted")
    if level == "word":
        lengths = [len(AutoTokenizer.from_pretrained(folder).tokenize(word)) for word in text.split()]
        rows = np.array([part.mean(0) for part in np.split(rows, np.cumsum(lengths)[:-1])])
    np.testing.assert_allclose(result.vectors, rows, **TOLERANCE)
    assert result.num_segments == 1 + -(-(result.num_wordpieces - 10) // 3)


LENGTHS = {"word": 23, "sentence": 25, "even": 23}


@pytest.mark.parametrize("cut", LENGTHS)
@pytest.mark.parametrize("as_words", [False, True])
def test_cuts_change_where_segments_end_and_nothing_else(cut: Any, as_words: bool, tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    document: Any = TEXT.split() if as_words else TEXT
    plain = DocumentEmbedder(folder, max_length=LENGTHS[cut], level="word")
    embedder = DocumentEmbedder(folder, max_length=LENGTHS[cut], level="word", cut=cut)
    (before,), (result,) = plain.embed([document]), embedder.embed([document])
    assert result.pieces == before.pieces
    assert result.num_wordpieces == before.num_wordpieces
    assert np.abs(result.vectors - before.vectors).max() > 0.01
    if cut == "sentence":  # the first sentence fills half a segment, so it runs alone
        (alone,) = DocumentEmbedder(folder, level="word").embed([document[:4] if as_words else TEXT[:20]])
        np.testing.assert_allclose(result.vectors[:4], alone.vectors, **TOLERANCE)


def test_no_more_is_held_than_a_block_and_what_it_shares(
    tiny_model: TinyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    def add(self: SharedWordpieces, chunks: Any, shares: Any, num_content: int, num_finished: int) -> Any:
        held.append(num_content)
        assert len(self._unfinished) <= 7
        return kept_add(self, chunks, shares, num_content, num_finished)

    kept_add = SharedWordpieces.add
    monkeypatch.setattr(SharedWordpieces, "add", add)
    options: dict[str, Any] = {"max_length": 12, "overlap": 7, "batch_tokens": 4, "level": "document"}
    (result,) = DocumentEmbedder(tiny_model("bert"), **options).embed([TEXT * 60])
    assert result.num_wordpieces > 3000
    assert len(held) > 90
    assert max(held) <= pytorch.LOOK_AHEAD * 4 + 10


def test_plain_windows_are_described_as_before_and_others_by_their_options(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    plain = DocumentEmbedder(folder, max_length=12, overlap=0, cut="wordpiece").description
    assert not {"overlap", "overlap_mode", "cut", "sentence_splitter"} & set(plain)
    said = DocumentEmbedder(folder, max_length=12, overlap=3, cut="sentence").description
    splitter = {"class": "SentenceSplitter"}
    windows = {"overlap": 3, "overlap_mode": "average", "cut": "sentence", "sentence_splitter": splitter}
    assert said == {**plain, **windows}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"overlap": 10}, r"overlap: got 10; expected 0 to 9, less than the 10 content wordpieces"),
        ({"overlap_mode": "avg"}, r'overlap_mode: got "avg"; expected "average"'),
        ({"cut": "words"}, r'cut: got "words"; .*did you mean "word"'),
        ({"embedder": {"overlap": 3}}, r"embedder.overlap: got 3; expected it as overlap beside embedder"),
    ],
)
def test_wrong_options_are_one_line(options: Any, message: str, tiny_model: TinyModel) -> None:
    with pytest.raises(ConfigurationError, match=message):
        DocumentEmbedder(tiny_model("bert"), max_length=12, **options)


def test_a_splitter_that_does_not_exist_has_a_nearest_one(tiny_model: TinyModel) -> None:
    data = {"type": "embed", "model_name": tiny_model("bert"), "cut": "sentence"}
    assert not check(Experiment, {**data, "sentence_splitter": {"type": "sentences"}})
    (problem,) = check(Experiment, {**data, "sentence_splitter": {"type": "sentence"}})
    assert 'did you mean "sentences"' in str(problem)
