"""A saved embedder gives the same vectors and is a folder of transformers."""

import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from embedders import PretrainedTransformerEmbedder
from foldformer.config import ConfigurationError

TEXTS = ["The quick brown fox jumps over the lazy dog " * 4, "a bank"]


@pytest.mark.parametrize(
    "options",
    [
        {"max_length": 20},
        {"max_length": 20, "last_layer_only": False},
        {"max_length": 20, "overlap": 4, "overlap_mode": "weighted"},
        {},
    ],
)
def test_weights_mix_and_options_come_back(tiny_bert_folder, tmp_path, options):
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert_folder)
    embedder = PretrainedTransformerEmbedder(tiny_bert_folder, **options).eval()
    with torch.no_grad():
        for parameter in embedder.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    embedder.save_pretrained(tmp_path / "saved")
    again = PretrainedTransformerEmbedder.from_pretrained(str(tmp_path / "saved")).eval()
    texts = TEXTS if options else TEXTS[1:]
    batch = tokenizer(texts, padding=True, truncation=False, return_tensors="pt")
    assert torch.equal(again(**batch), embedder(**batch))
    assert AutoTokenizer.from_pretrained(tmp_path / "saved")(texts)["input_ids"] == tokenizer(texts)["input_ids"]
    plain = AutoModel.from_pretrained(tmp_path / "saved")
    assert torch.equal(
        plain.embeddings.word_embeddings.weight, embedder.transformer_model.embeddings.word_embeddings.weight
    )


def test_options_given_replace_saved_ones_and_any_transformer_loads(tiny_bert_folder, tmp_path):
    PretrainedTransformerEmbedder(tiny_bert_folder, max_length=20).save_pretrained(tmp_path / "saved")
    batch = AutoTokenizer.from_pretrained(tiny_bert_folder)(TEXTS, padding=True, truncation=False, return_tensors="pt")
    expected = PretrainedTransformerEmbedder(tiny_bert_folder, max_length=9).eval()(**batch)
    for folder in (tmp_path / "saved", tiny_bert_folder):
        embedder = PretrainedTransformerEmbedder.from_pretrained(str(folder), max_length=9).eval()
        assert torch.equal(embedder(**batch), expected)


def test_parts_and_unknown_options_are_refused(tiny_model, tmp_path):
    part = PretrainedTransformerEmbedder(tiny_model("t5"), sub_module="encoder")
    with pytest.raises(ValueError, match="save_pretrained: got an embedder with a sub_module"):
        part.save_pretrained(tmp_path / "part")
    PretrainedTransformerEmbedder(tiny_model("bert")).save_pretrained(tmp_path / "saved")
    (tmp_path / "saved" / "foldformer_embedder.json").write_text('{"max_lenght": 3}')
    with pytest.raises(ConfigurationError, match=r'foldformer_embedder\.json: got "max_lenght"; expected "max_length"'):
        PretrainedTransformerEmbedder.from_pretrained(str(tmp_path / "saved"))
