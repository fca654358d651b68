"""Document vectors with special tokens in them, against plain transformers segment by segment."""

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer, BertConfig, BertForMaskedLM

from foldformer.config import ConfigurationError, Experiment, check
from foldformer.embedding import DocumentEmbedder

TEXTS = [
    "The quick brown fox jumps over the lazy dog, and never stops: it is stitched from segments.",
    "",
    "a",
    "abcdefghijklm of the quick dog",
]
FRAMES: dict[str, tuple[list[str], list[str]]] = {
    "bert": (["[CLS]"], ["[SEP]"]),
    "xlnet": ([], ["<sep>", "<cls>"]),
    "roberta": (["<s>"], ["</s>"]),
    "gpt2": ([], []),
}
POOLERS = {
    "avg": lambda rows: rows.mean(0),
    "max": lambda rows: rows.amax(0),
    "sum": lambda rows: rows.sum(0),
    "first": lambda rows: rows[0],
    "last": lambda rows: rows[-1],
}
TOLERANCE = {"atol": 1e-5, "rtol": 1e-4}  # float32, where another width or batch changes the order of summation


def stitched(family: str, folder: str, text: str, max_length: int) -> torch.Tensor:
    """Run the segments one by one; keep the content, and the special tokens at both ends of the text."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    start, end = (tokenizer.convert_tokens_to_ids(part) for part in FRAMES[family])
    ids, size, rows = tokenizer.encode(text, add_special_tokens=False), max_length - len(start) - len(end), []
    for first in range(0, len(ids), size):
        content = ids[first : first + size]
        given: dict[str, Any] = {"input_ids": torch.tensor([[*start, *content, *end]])}
        if family == "xlnet":
            given["token_type_ids"] = torch.tensor([[0] * (len(content) + 1) + [2]])
        with torch.no_grad():
            hidden = model(**given).last_hidden_state[0]
        kept_start = 0 if first == 0 else len(start)
        kept_end = len(hidden) - (0 if first + size >= len(ids) else len(end))
        rows.append(hidden[kept_start:kept_end])
    return torch.cat(rows) if rows else torch.zeros(0, 32)


def vectors_of(folder: str, **options: Any) -> np.ndarray:
    embedder = DocumentEmbedder(folder, level="document", **{"max_length": 9, **options})
    return np.concatenate([document.vectors for document in embedder.embed(TEXTS)])


@pytest.mark.parametrize("mode", POOLERS)
@pytest.mark.parametrize("family", FRAMES)
def test_special_tokens_at_both_ends_count_where_asked(family, mode, tiny_model):
    folder = tiny_model(family)
    found = vectors_of(folder, document_mode=mode, pool_special_tokens=True)
    for text, vector in zip(TEXTS, found, strict=True):
        rows = stitched(family, folder, text, 9)
        expected = POOLERS[mode](rows) if len(rows) else torch.zeros(32)
        np.testing.assert_allclose(vector, expected, **TOLERANCE)
    plain = vectors_of(folder, document_mode=mode)
    start, end = FRAMES[family]
    if mode != "max":  # a special token need not have the largest value
        assert (abs(found - plain).max() > 1e-3) == bool({"first": start, "last": end}.get(mode, start + end))


def test_cls_is_the_token_that_the_tokenizer_calls_so(tiny_model):
    found = vectors_of(tiny_model("bert"), document_mode="cls")
    expected = [stitched("bert", tiny_model("bert"), text, 9)[:1] for text in TEXTS]
    np.testing.assert_allclose(found[[0, 2, 3]], torch.cat(expected), **TOLERANCE)
    assert not found[1].any()
    folder = tiny_model("xlnet")
    tokenizer = AutoTokenizer.from_pretrained(folder, cls_token="<cls>")
    found = vectors_of(folder, document_mode="cls", tokenizer=tokenizer)
    expected = [stitched("xlnet", folder, text, 9)[-1:] for text in TEXTS]
    np.testing.assert_allclose(found[[0, 2, 3]], torch.cat(expected), **TOLERANCE)


@pytest.mark.parametrize("family", ["bert", "albert", "mpnet"])
def test_cls_pooled_is_what_the_transformer_gives_as_its_pooled_output(family, tiny_model):
    folder = tiny_model(family)
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    found = vectors_of(folder, document_mode="cls_pooled", max_length=None)
    for text, vector in zip(TEXTS, found, strict=True):
        with torch.no_grad():
            expected = model(tokenizer(text, return_tensors="pt")["input_ids"]).pooler_output[0]
        np.testing.assert_allclose(vector, expected if text else torch.zeros(32), **TOLERANCE)
    assert abs(found - vectors_of(folder, document_mode="cls", max_length=None)).max() > 1e-3


@pytest.mark.parametrize("mode", ["avg", "max", "last", "cls", "cls_pooled"])
@pytest.mark.parametrize("windows", [{}, {"overlap": 3}, {"cut": "word", "overlap": 2}, {"cut": "even"}])
def test_micro_batches_change_nothing(mode, windows, tiny_model):
    options = {"document_mode": mode, "pool_special_tokens": True, **windows}
    together = vectors_of(tiny_model("bert"), **options)
    np.testing.assert_allclose(vectors_of(tiny_model("bert"), batch_tokens=1, **options), together, **TOLERANCE)


@pytest.mark.parametrize("options", [{"document_mode": "cls_pooled"}, {"pool_special_tokens": True}])
def test_other_processes_get_the_same_embedder(options, tiny_model):
    embedder = DocumentEmbedder(tiny_model("bert"), level="document", max_length=9, **options)
    found = [document.vectors for document in pickle.loads(pickle.dumps(embedder)).embed(TEXTS)]
    np.testing.assert_array_equal(np.concatenate(found), vectors_of(tiny_model("bert"), **options))


def test_what_tells_vectors_apart_is_described(tiny_model):
    def said(**options: Any) -> dict[str, Any]:
        return DocumentEmbedder(tiny_model("bert"), level="document", **options).description

    assert "pool_special_tokens" not in said()
    assert said(pool_special_tokens=True)["pool_special_tokens"] is True
    assert said(document_mode="cls_pooled")["mode"] == "cls_pooled"


def test_modes_that_a_model_does_not_have_are_refused(tiny_model, tmp_path):
    with pytest.raises(ConfigurationError, match=r'"cls" or "cls_pooled", but .* adds no token that stands for'):
        vectors_of(tiny_model("gpt2"), document_mode="cls")
    with pytest.raises(ConfigurationError, match='"cls_pooled", but DistilBertModel has no pooling layer'):
        vectors_of(tiny_model("distilbert"), document_mode="cls_pooled")
    block = {"type": "embed", "model_name": tiny_model("bert"), "document_mode": "cls_pooled", "layers": "mix"}
    [problem] = check(Experiment, block)
    assert problem.path == "document_mode"
    assert 'got "cls_pooled" with layers "mix"' in problem.message
    with pytest.raises(ConfigurationError, match=r"attention: .* has no attention_pooler\.safetensors"):
        vectors_of(tiny_model("bert"), document_mode="attention")
    size = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    tokenizer = AutoTokenizer.from_pretrained(tiny_model("bert"))
    BertForMaskedLM(BertConfig(vocab_size=len(tokenizer), **size)).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ConfigurationError, match=r"BertModel has no weights for its pooling layer, which are random"):
        vectors_of(str(tmp_path), document_mode="cls_pooled")
