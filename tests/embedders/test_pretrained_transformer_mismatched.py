"""From words to word vectors, against a loop over words with the tokenizer and plain transformers."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import AutoModel, AutoTokenizer

from embedders import PretrainedTransformerMismatchedEmbedder
from foldformer.config import ConfigurationError, Params
from foldformer.data import Batch, Instance, TextField
from foldformer.models import TokenEmbedder
from foldformer.text import Token, Vocabulary
from indexers import PretrainedTransformerMismatchedIndexer

TinyModel = Callable[[str], str]
DOCUMENTS = [
    ["Unfolded", "documents", "are", "stitched", "from", "segments", ",", "never", "cut", "short", "."],
    ["word", "", "\u200b", "beginning"],  # two of these have no wordpieces
    [],
    ["a"],
]
TOLERANCE = {"atol": 1e-5, "rtol": 1e-4}  # float32, where another width or batch changes the order of summation
LOOP: dict[str, Callable[[Tensor], Tensor]] = {
    "avg": lambda pieces: pieces.mean(0),
    "first": lambda pieces: pieces[0],
    "last": lambda pieces: pieces[-1],
    "max": lambda pieces: pieces.amax(0),
}


def tensors_of(folder: str, documents: list[list[str]], max_length: int | None) -> dict[str, Tensor]:
    indexer = PretrainedTransformerMismatchedIndexer(folder, max_length=max_length)
    batch = Batch(
        [Instance({"text": TextField([Token(word) for word in words], {"words": indexer})}) for words in documents]
    )
    batch.index_instances(Vocabulary())
    tensors: Any = batch.as_tensor_dict()
    return dict(tensors["text"]["words"])


def naive_words(folder: str, words: list[str], max_length: int | None, mode: str) -> Tensor:
    """Cut word by word, run segment by segment, pool word by word. BERT's special tokens are spelled out."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    pieces = [tokenizer.encode(word, add_special_tokens=False) for word in words]
    flat = [piece for word in pieces for piece in word]
    cls, sep = tokenizer.convert_tokens_to_ids(["[CLS]", "[SEP]"])
    room = len(flat) or 1 if max_length is None else max_length - 2
    rows = [torch.zeros(0, 32)]
    for start in range(0, len(flat), room):
        segment = torch.tensor([[cls, *flat[start : start + room], sep]])
        rows.append(model(segment).last_hidden_state[0, 1:-1])
    vectors, position = torch.cat(rows), 0
    pooled = [torch.zeros(0, 32)]
    for word in pieces:
        own = vectors[position : position + len(word)]
        pooled.append(LOOP[mode](own)[None] if len(word) else torch.zeros(1, 32))
        position += len(word)
    return torch.cat(pooled)


@pytest.mark.parametrize("max_length", [None, 6])
@pytest.mark.parametrize("mode", LOOP)
def test_words_equal_the_naive_loop(mode: str, max_length: int | None, tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    embedder = PretrainedTransformerMismatchedEmbedder(folder, max_length, sub_token_mode=mode).eval()
    output = embedder(**tensors_of(folder, DOCUMENTS, max_length))
    for row, words in zip(output, DOCUMENTS, strict=True):
        expected = naive_words(folder, words, max_length, mode)
        torch.testing.assert_close(row[: len(words)], expected, **TOLERANCE)
        assert row[len(words) :].eq(0).all()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    documents=st.lists(st.lists(st.text(max_size=6), max_size=8), min_size=1, max_size=3),
    max_length=st.integers(3, 9),
)
def test_any_words_equal_the_naive_loop(documents: list[list[str]], max_length: int, tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    embedder = PretrainedTransformerMismatchedEmbedder(folder, max_length).eval()
    with torch.no_grad():
        output = embedder(**tensors_of(folder, documents, max_length))
    for row, words in zip(output, documents, strict=True):
        torch.testing.assert_close(row[: len(words)], naive_words(folder, words, max_length, "avg"), **TOLERANCE)


@pytest.mark.parametrize("family", ["roberta", "t5", "xlnet", "gpt2", "llama"])
def test_short_documents_do_not_notice_max_length(family: str, tiny_model: TinyModel) -> None:
    folder, part = tiny_model(family), "encoder" if family == "t5" else None
    documents = [words[:3] for words in DOCUMENTS]
    whole = PretrainedTransformerMismatchedEmbedder(folder, sub_module=part).eval()
    folding = PretrainedTransformerMismatchedEmbedder(folder, 80, part).eval()
    torch.testing.assert_close(
        folding(**tensors_of(folder, documents, 80)), whole(**tensors_of(folder, documents, None)), **TOLERANCE
    )


def test_every_mode_gives_another_number(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    tensors = tensors_of(folder, DOCUMENTS[:1], None)
    outputs = [PretrainedTransformerMismatchedEmbedder(folder, sub_token_mode=mode).eval()(**tensors) for mode in LOOP]
    assert all(not torch.allclose(a, b) for i, a in enumerate(outputs) for b in outputs[:i])


def test_words_without_wordpieces_put_no_nan_into_gradients(tiny_model: TinyModel) -> None:
    folder = tiny_model("distilbert")
    embedder = PretrainedTransformerMismatchedEmbedder(folder, 6).train()
    embedder(**tensors_of(folder, DOCUMENTS, 6)).pow(2).sum().backward()
    gradients = [p.grad for p in embedder.parameters() if p.grad is not None]
    assert gradients
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_options_from_a_file_give_the_same_output_from_the_state_dict(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    params = {"type": "pretrained_transformer_mismatched", "model_name": folder, "max_length": 6,
              "load_weights": False, "sub_token_mode": "last"}  # fmt: skip
    first, second = (TokenEmbedder.from_params(Params(params)).eval() for _ in range(2))
    tensors = tensors_of(folder, DOCUMENTS, 6)
    assert not torch.allclose(first(**tensors), second(**tensors))
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(**tensors), second(**tensors))
    assert all(key.startswith("_matched_embedder.transformer_model.") for key in first.state_dict())


class TestBadInput:
    """Each error names what came and what to do."""

    def test_unknown_mode_names_the_nearest(self, tiny_model: TinyModel) -> None:
        with pytest.raises(ConfigurationError, match=r'sub_token_mode: got "lst"; .*"max"; did you mean "last"'):
            PretrainedTransformerMismatchedEmbedder(tiny_model("bert"), sub_token_mode="lst")  # type: ignore[arg-type]

    def test_offsets_beyond_the_wordpieces(self, tiny_model: TinyModel) -> None:
        folder = tiny_model("bert")
        tensors = tensors_of(folder, DOCUMENTS, 6)
        tensors["offsets"][3, 0, 1] = 40
        with pytest.raises(
            ValueError, match=r"offsets: word 0 of document 3 spans wordpieces \[1, 40\]; expected first"
        ):
            PretrainedTransformerMismatchedEmbedder(folder, 6)(**tensors)

    def test_offsets_of_another_shape(self, tiny_model: TinyModel) -> None:
        folder = tiny_model("bert")
        tensors = tensors_of(folder, DOCUMENTS, 6)
        tensors["offsets"] = tensors["offsets"][:, 1:]
        with pytest.raises(
            ValueError, match=r"offsets: got shape \(4, 10, 2\); expected that of mask and 2, \(4, 11, 2\)"
        ):
            PretrainedTransformerMismatchedEmbedder(folder, 6)(**tensors)
