"""Layers and attentions of segments, against the plain transformer on each segment alone."""

from itertools import chain

import pytest
import torch
from transformers import AutoModel, AutoTokenizer, MambaConfig, MambaModel

from embedders import PretrainedTransformerEmbedder, PretrainedTransformerMismatchedEmbedder
from foldformer.data import Batch, Instance, TextField
from foldformer.text import PretrainedTransformerTokenizer, Token, Vocabulary
from indexers import PretrainedTransformerIndexer, PretrainedTransformerMismatchedIndexer

TEXTS = ["a bank", "The quick brown fox jumps over the lazy dog", "", "In the beginning was the word"]
TOLERANCE = {"atol": 1e-5, "rtol": 1e-4}  # another batch changes the order of summation


def indexed(indexer, texts):
    batch = Batch([Instance({"text": TextField(tokens, {"pieces": indexer})}) for tokens in texts])
    batch.index_instances(Vocabulary())
    return batch.as_tensor_dict()["text"]["pieces"]


def check_each_segment(outputs, folder):
    """Check every layer of every segment, and that nothing attends to padding; gives the segments' ids."""
    plain, segments = AutoModel.from_pretrained(folder, attn_implementation="eager").eval(), []
    for number, (ids, mask) in enumerate(zip(outputs.token_ids, outputs.mask, strict=True)):
        length = int(mask.sum())
        assert mask[:length].all()
        segments.append(ids[:length].tolist())
        with torch.no_grad():
            expected = plain(ids[None, :length], output_hidden_states=True, output_attentions=True)
        for found, layer in zip(outputs.hidden_states, expected.hidden_states, strict=True):
            torch.testing.assert_close(found[number, :length], layer[0], **TOLERANCE)
        for found, layer in zip(outputs.attentions, expected.attentions, strict=True):
            torch.testing.assert_close(found[number, :, :length, :length], layer[0], **TOLERANCE)
            assert not found[number, :, :length, length:].any()
    return segments


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert", "gpt2", "llama"])
def test_rows_of_a_tokenizer_give_the_layers_and_attentions_of_each(family, tiny_model):
    folder = tiny_model(family)
    batch = AutoTokenizer.from_pretrained(folder)(TEXTS[:2], padding=True, return_tensors="pt")
    embedder = PretrainedTransformerEmbedder(folder, train_parameters=False).train()
    before = embedder.config._attn_implementation
    outputs = embedder.segment_outputs(**batch, output_attentions=True)
    check_each_segment(outputs, folder)
    assert outputs.documents.tolist() == [0, 1]
    real = batch["attention_mask"].bool().unsqueeze(-1)
    torch.testing.assert_close(outputs.hidden_states[-1] * real, embedder(**batch), **TOLERANCE)
    assert embedder.config._attn_implementation == before == "sdpa"
    assert embedder.segment_outputs(**batch).attentions is None


@pytest.mark.parametrize("overlap", [0, 2])
def test_folded_documents_give_one_row_a_segment(overlap, tiny_bert_folder):
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert_folder)
    indexer = PretrainedTransformerIndexer(tiny_bert_folder, max_length=7, overlap=overlap)
    embedder = PretrainedTransformerEmbedder(tiny_bert_folder, max_length=7, overlap=overlap).eval()
    texts = [PretrainedTransformerTokenizer(tiny_bert_folder).tokenize(text) for text in TEXTS]
    tensors = indexed(indexer, texts)
    outputs = embedder.segment_outputs(**tensors, output_attentions=True)
    cls, sep = tokenizer.convert_tokens_to_ids(["[CLS]", "[SEP]"])
    expected = []
    for number, text in enumerate(TEXTS):
        ids = tokenizer.encode(text, add_special_tokens=False)
        starts = range(0, max(len(ids) - overlap, 1), 5 - overlap) if ids else []  # without content, no segment
        expected += [(number, [cls, *ids[start : start + 5], sep]) for start in starts]
    found = check_each_segment(outputs, tiny_bert_folder)
    assert list(zip(outputs.documents.tolist(), found, strict=True)) == expected
    assert outputs.hidden_states[0].requires_grad
    outputs.attentions[-1].sum().backward()
    assert embedder.transformer_model.embeddings.word_embeddings.weight.grad.abs().sum() > 0


def test_words_give_the_segments_of_their_wordpieces(tiny_bert_folder):
    indexer = PretrainedTransformerMismatchedIndexer(tiny_bert_folder, max_length=7)
    embedder = PretrainedTransformerMismatchedEmbedder(tiny_bert_folder, max_length=7, train_parameters=False)
    tensors = indexed(indexer, [[Token(word) for word in text.split()] for text in TEXTS if text])
    outputs = embedder.segment_outputs(**tensors, output_attentions=True)
    segments = check_each_segment(outputs, tiny_bert_folder)
    folded = [
        row[mask].tolist() for row, mask in zip(tensors["token_ids"], tensors["segment_concat_mask"], strict=True)
    ]
    assert list(chain(*segments)) == list(chain(*folded))


def test_what_cannot_be_given_is_refused(tiny_bert_folder):
    embedder = PretrainedTransformerEmbedder(tiny_bert_folder)
    with pytest.raises(ValueError, match="token_ids: got no real wordpiece"):
        embedder.segment_outputs(input_ids=torch.zeros(2, 0, dtype=torch.int64))
    with pytest.raises(ValueError, match="input_ids: missing"):
        embedder.segment_outputs(output_attentions=True)
    mamba = MambaModel(MambaConfig(vocab_size=200, hidden_size=8, num_hidden_layers=1, state_size=2))
    embedder = PretrainedTransformerEmbedder(mamba, tokenizer=AutoTokenizer.from_pretrained(tiny_bert_folder))
    assert len(embedder.segment_outputs(input_ids=torch.ones(1, 3, dtype=torch.int64)).hidden_states) == 2
    with pytest.raises(ValueError, match="attentions: MambaModel gives none"):
        embedder.segment_outputs(input_ids=torch.ones(1, 3, dtype=torch.int64), output_attentions=True)
