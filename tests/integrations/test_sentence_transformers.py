"""The module in a genuine `SentenceTransformer`, against its own first module and `DocumentEmbedder`."""

import json

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from torch import nn

from foldformer.config import ConfigurationError
from foldformer.embedding import DocumentEmbedder
from foldformer.integrations.sentence_transformers import FoldformerModule
from foldformer.text.pretrained import load_tokenizer

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


def test_padding_does_not_reach_the_tokenizer_that_others_share(tiny_bert_folder):
    before = load_tokenizer(tiny_bert_folder).backend_tokenizer.to_str()
    model_of(tiny_bert_folder, max_length=20).encode(TEXTS)
    assert load_tokenizer(tiny_bert_folder).backend_tokenizer.to_str() == before


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


def saved(folder, to, *modules, **options):
    transformer = Transformer(folder)
    model = SentenceTransformer(modules=[transformer, *modules], device="cpu", **options)
    model.save_pretrained(str(to))
    return model


def as_the_model_says(folder, texts, **options):
    embedder = DocumentEmbedder(str(folder), level="document", document_mode="model", **options)
    return np.concatenate([document.vectors for document in embedder.embed(texts)])


@pytest.mark.parametrize("mode", ["mean", "cls", "max", "lasttoken"])
@pytest.mark.parametrize("last", [[], [Normalize()]], ids=["", "normalize"])
def test_document_embedder_pools_as_the_folder_of_a_sentence_transformer_says(tiny_bert_folder, tmp_path, mode, last):
    texts = ["a river", "the bank lends money", "x"]
    expected = saved(tiny_bert_folder, tmp_path, Pooling(32, pooling_mode=mode), *last).encode(texts)
    np.testing.assert_allclose(as_the_model_says(tmp_path, texts), expected, atol=1e-5)
    config = tmp_path / "1_Pooling" / "config.json"
    assert json.loads(config.read_text())["pooling_mode"] == mode
    legacy = {"cls": "cls_token", "max": "max_tokens", "mean": "mean_tokens", "lasttoken": "lasttoken"}
    flags = {f"pooling_mode_{name}": known == mode for known, name in legacy.items()}
    config.write_text(json.dumps({"word_embedding_dimension": 32, **flags}))
    np.testing.assert_allclose(SentenceTransformer(str(tmp_path), device="cpu").encode(texts), expected, atol=1e-6)
    np.testing.assert_allclose(as_the_model_says(tmp_path, texts), expected, atol=1e-5)


@pytest.mark.parametrize("pool_special_tokens", [True, False])
def test_document_embedder_folds_as_the_folder_of_our_module_says(tiny_bert_folder, tmp_path, pool_special_tokens):
    model = model_of(tiny_bert_folder, max_length=20, overlap=4, pool_special_tokens=pool_special_tokens)
    model.save_pretrained(str(tmp_path))
    filled = [text for text in TEXTS if text]
    found = as_the_model_says(tmp_path, filled)
    np.testing.assert_allclose(found, model.encode(filled), atol=1e-5)
    assert abs(as_the_model_says(tmp_path, filled, overlap=9) - found).max() > 1e-3
    assert abs(as_the_model_says(tmp_path, filled, max_length=30) - found).max() > 1e-3


def test_folders_that_ask_for_more_are_refused_in_one_line(tiny_bert_folder, tmp_path):
    def refused(folder, message):
        with pytest.raises(ConfigurationError, match=message):
            as_the_model_says(folder, ["a"])

    refused(tiny_bert_folder, r"has no modules\.json, which says how")
    saved(tiny_bert_folder, tmp_path / "dense", Pooling(32), Dense(32, 8))
    refused(tmp_path / "dense", r'modules\.json of .* names "Transformer", "Pooling" and "Dense"; expected')
    saved(tiny_bert_folder, tmp_path / "two", Pooling(32, pooling_mode=("mean", "max")))
    refused(tmp_path / "two", 'Pooling of .* names "mean" and "max"; expected one of "mean", "max", "cls"')
    (tmp_path / "two" / "1_Pooling" / "config.json").unlink()
    refused(tmp_path / "two", '"1_Pooling/config.json", which is not there')
    prompts = {"prompts": {"search": "search: "}, "default_prompt_name": "search"}
    saved(tiny_bert_folder, tmp_path / "prompt", Pooling(32), **prompts)
    refused(tmp_path / "prompt", 'default_prompt_name of .* names "search: " before every text')
    saved(tiny_bert_folder, tmp_path / "lower", Pooling(32))
    (tmp_path / "lower" / "sentence_bert_config.json").write_text('{"do_lower_case": true}')
    refused(tmp_path / "lower", "do_lower_case of .* names true, for a tokenizer that keeps capitals")
