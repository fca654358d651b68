"""The module in a genuine `SentenceTransformer`, against its own first module and `DocumentEmbedder`."""

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling
from torch import nn

from foldformer.embedding import DocumentEmbedder
from foldformer.integrations.sentence_transformers import FoldformerModule

LONG = "the bank lends money to the quick brown fox " * 20
TEXTS = [LONG, "a river", "", LONG.replace("bank", "river")]


def model_of(folder, **options):
    module = FoldformerModule(folder, **options)
    return SentenceTransformer(modules=[module, Pooling(module.get_embedding_dimension())], device="cpu")


@pytest.mark.parametrize("options", [{"max_length": 20}, {"max_length": 20, "overlap": 4}])
def test_texts_of_any_length_equal_the_document_embedder(tiny_bert_folder, options):
    embedder = DocumentEmbedder(tiny_bert_folder, level="document", **options)
    expected = np.concatenate([each.vectors for each in embedder.embed(TEXTS)])
    found = model_of(tiny_bert_folder, pool_special_tokens=False, **options).encode(TEXTS)
    filled = [0, 1, 3]
    np.testing.assert_allclose(found[filled], expected[filled], atol=1e-5)
    assert abs(model_of(tiny_bert_folder, **options).encode(TEXTS) - found)[filled].max() > 1e-3


def test_short_texts_equal_what_sentence_transformers_gives_by_itself(tiny_bert_folder):
    own = SentenceTransformer(tiny_bert_folder, device="cpu")
    np.testing.assert_allclose(model_of(tiny_bert_folder).encode(TEXTS[1:3]), own.encode(TEXTS[1:3]), atol=1e-5)


def test_every_wordpiece_has_its_vector(tiny_bert_folder):
    model = model_of(tiny_bert_folder, max_length=20)
    [vectors] = model.encode([LONG], output_value="token_embeddings")
    assert len(vectors) == len(model.tokenizer(LONG, verbose=False)["input_ids"]) > 96


def test_saving_and_loading_keep_weights_and_options(tiny_bert_folder, tmp_path):
    model = model_of(tiny_bert_folder, max_length=20, overlap=4, pool_special_tokens=False)
    with torch.no_grad():
        model[0].embedder.transformer_model.embeddings.word_embeddings.weight.mul_(1.5)
    model.save_pretrained(str(tmp_path / "saved"))
    again = SentenceTransformer(str(tmp_path / "saved"), device="cpu", trust_remote_code=True)
    assert isinstance(again[0], FoldformerModule)
    assert again[0].get_config_dict() == model[0].get_config_dict()
    np.testing.assert_allclose(again.encode(TEXTS), model.encode(TEXTS), atol=1e-6)


def test_it_trains_through_the_folds(tiny_bert_folder):
    model = model_of(tiny_bert_folder, max_length=20)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    target, losses = torch.tensor([1.0]), []
    for _ in range(5):
        vectors = [model(model.preprocess([text]))["sentence_embedding"] for text in (TEXTS[0], TEXTS[1])]
        loss = nn.functional.cosine_embedding_loss(*vectors, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
