"""A model and a tokenizer given as objects, against the same loaded by name."""

import pytest
import torch
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer, BertConfig, BertModel

from embedders import PretrainedTransformerEmbedder
from foldformer.config import ConfigurationError
from foldformer.embedding import DocumentEmbedder
from tests.architectures.shrinking import small_models

TEXTS = ["The quick brown fox jumps over the lazy dog " * 4, "a bank"]


@pytest.mark.parametrize("auto", [AutoModel, AutoModelForSequenceClassification])
@pytest.mark.filterwarnings("ignore:.*newly initialized")
def test_objects_give_what_their_name_gives(tiny_bert_folder, auto):
    model, tokenizer = auto.from_pretrained(tiny_bert_folder), AutoTokenizer.from_pretrained(tiny_bert_folder)
    batch = tokenizer(TEXTS, padding=True, truncation=False, return_tensors="pt")
    named = PretrainedTransformerEmbedder(tiny_bert_folder, max_length=20).eval()
    for own in (tokenizer, None):
        given = PretrainedTransformerEmbedder(model, tokenizer=own, max_length=20).eval()
        assert torch.equal(given(**batch), named(**batch))
        assert given.transformer_model is model.base_model


def test_a_part_is_one_of_what_auto_model_makes(tiny_bert_folder):
    # of some architectures, that has heads
    whole = next(small_models("higgs_audio_v2"))
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert_folder)
    embedder = PretrainedTransformerEmbedder(whole, tokenizer=tokenizer, sub_module="model")
    assert embedder.transformer_model is whole.model


def test_documents_are_embedded_by_the_weights_of_the_object(tiny_bert_folder):
    model, tokenizer = AutoModel.from_pretrained(tiny_bert_folder), AutoTokenizer.from_pretrained(tiny_bert_folder)
    before = [each.vectors for each in DocumentEmbedder(model, tokenizer=tokenizer, level="document").embed(TEXTS)]
    named = [each.vectors for each in DocumentEmbedder(tiny_bert_folder, level="document").embed(TEXTS)]
    assert all((one == other).all() for one, other in zip(before, named, strict=True))
    with torch.no_grad():
        model.embeddings.word_embeddings.weight.mul_(2)
    after = [each.vectors for each in DocumentEmbedder(model, tokenizer=tokenizer, level="document").embed(TEXTS)]
    assert abs(after[0] - before[0]).max() > 0.01


def test_training_trains_the_object(tiny_bert_folder):
    model = AutoModel.from_pretrained(tiny_bert_folder)
    ids = torch.tensor([[2, 7, 9, 3]])
    PretrainedTransformerEmbedder(model)(ids).square().sum().backward()
    assert model.embeddings.word_embeddings.weight.grad[[2, 7, 9, 3]].abs().sum() > 0


def test_a_model_from_nowhere_needs_its_tokenizer():
    model = BertModel(BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8))
    with pytest.raises(ConfigurationError, match="tokenizer: got none with a BertModel"):
        PretrainedTransformerEmbedder(model)
