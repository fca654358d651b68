"""Rows as a tokenizer of transformers pads them, against the plain transformer and a naive loop over segments."""

import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from embedders import PretrainedTransformerEmbedder

TEXTS = ["The quick brown fox jumps over the lazy dog", "a bank", "In the beginning was the word, and the word was cut"]
TOLERANCE = {"atol": 1e-5, "rtol": 1e-4}  # another batch changes the order of summation


@pytest.fixture(params=["bert", "roberta", "distilbert", "gpt2", "xlnet"])
def folder(request, tiny_model):
    return tiny_model(request.param)


@pytest.fixture
def tokenizer(folder):
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture
def plain(folder):
    return AutoModel.from_pretrained(folder, dtype=torch.float32).eval()


def test_what_a_tokenizer_gives_is_taken_as_it_is(folder, tokenizer, plain):
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    vectors = PretrainedTransformerEmbedder(folder).eval()(**batch)
    for row, text in zip(vectors, TEXTS, strict=True):
        expected = plain(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
        real = row[row.abs().sum(1) > 0]
        torch.testing.assert_close(real, expected, **TOLERANCE)
    assert vectors.shape[:2] == batch["input_ids"].shape


@pytest.mark.parametrize("max_length", [None, 90])
def test_ids_alone_are_all_real(folder, tokenizer, plain, max_length):
    ids = tokenizer(TEXTS[0], return_tensors="pt")["input_ids"]
    embedder = PretrainedTransformerEmbedder(folder, max_length=max_length).eval()
    torch.testing.assert_close(embedder(ids), plain(ids).last_hidden_state, **TOLERANCE)
    torch.testing.assert_close(embedder(input_ids=ids), embedder(ids))


def test_longer_rows_are_folded_and_padding_may_come_first(tiny_bert_folder):
    tokenizer, plain = AutoTokenizer.from_pretrained(tiny_bert_folder), AutoModel.from_pretrained(tiny_bert_folder)
    embedder = PretrainedTransformerEmbedder(tiny_bert_folder, max_length=7).eval()
    batch = tokenizer(["", *TEXTS], padding=True, padding_side="left", return_tensors="pt")
    vectors = embedder(**batch)
    for row, ids, mask in zip(vectors, batch["input_ids"], batch["attention_mask"].bool(), strict=True):
        start, *content, end = ids[mask].tolist()
        outputs = [
            plain(torch.tensor([[start, *content[i : i + 5], end]])).last_hidden_state[0]
            for i in range(0, max(len(content), 1), 5)
        ]
        expected = torch.cat([outputs[0][:1], *(each[1:-1] for each in outputs), outputs[-1][-1:]])
        torch.testing.assert_close(row[mask], expected, **TOLERANCE)
        assert row[~mask].abs().sum() == 0


def test_overlap_gives_what_the_indexed_tensors_give(tiny_bert_folder):
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert_folder)
    embedder = PretrainedTransformerEmbedder(tiny_bert_folder, max_length=7, overlap=2).eval()
    start, *content, end = tokenizer(TEXTS[0])["input_ids"]
    spans = [(i, min(i + 5, len(content))) for i in range(0, len(content) - 2, 3)]
    folded = [token for i, j in spans for token in (start, *content[i:j], end)]
    expected = embedder(
        torch.tensor([folded]),
        torch.ones(1, len(content) + 2, dtype=torch.bool),
        segment_concat_mask=torch.ones(1, len(folded), dtype=torch.bool),
        segment_spans=torch.tensor([spans]),
    )
    vectors = embedder(**tokenizer([TEXTS[0], ""], padding=True, return_tensors="pt"))
    torch.testing.assert_close(vectors[:1], expected, **TOLERANCE)
    assert vectors[1].abs().sum() == 0  # without content there is no segment


def test_gradients_reach_the_transformer_through_folded_rows(tiny_bert_folder):
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert_folder)
    embedder = PretrainedTransformerEmbedder(tiny_bert_folder, max_length=7)
    embedder(**tokenizer(TEXTS, padding=True, return_tensors="pt")).square().sum().backward()
    used = embedder.transformer_model.embeddings.word_embeddings.weight.grad.abs().sum(1) > 0
    assert used[tokenizer(TEXTS[2])["input_ids"]].all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "input_ids: missing"),
        ({"token_ids": torch.ones(1, 3, dtype=torch.int64), "type_ids": torch.zeros(1, 3)}, "token_ids, mask: got an"),
        ({"input_ids": torch.ones(3, dtype=torch.int64)}, r"input_ids: got shape \(3,\)"),
        (
            {"input_ids": torch.ones(1, 3, dtype=torch.int64), "attention_mask": torch.ones(1, 2)},
            r"attention_mask: got shape \(1, 2\)",
        ),
        (
            {"input_ids": torch.ones(1, 3, dtype=torch.int64), "attention_mask": torch.tensor([[1, 0, 1]])},
            "attention_mask: row 0 has padding between",
        ),
        ({"input_ids": torch.full((1, 9), 7)}, r"input_ids: row 0 begins with \[7\] and ends with \[7\]"),
    ],
)
def test_rows_that_do_not_fit_are_refused(tiny_bert_folder, options, message):
    with pytest.raises(ValueError, match=message):
        PretrainedTransformerEmbedder(tiny_bert_folder, max_length=7)(**options)
