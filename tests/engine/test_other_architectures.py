"""Architectures that do not run like BERT: what plain transformers gives, segment by segment, is the measure."""

from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModel, PreTrainedModel

from embedders import PretrainedTransformerEmbedder
from foldformer.config import ConfigurationError
from foldformer.engine.vocabulary_rows import fit_vocabulary
from tests.conftest import tiny_tokenizer

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
CANINE = SMALL | {"max_position_embeddings": 40, "num_hash_buckets": 40, "local_transformer_stride": 8}
CPMANT = SMALL | {"dim_head": 8, "dim_ff": 48, "prompt_length": 4, "prompt_types": 3, "vocab_size": 340}


def make(kind: str, options: dict[str, object]) -> PreTrainedModel:
    torch.manual_seed(0)
    return AutoModel.from_config(AutoConfig.for_model(kind, **options)).eval()


def vectors(transformer: PreTrainedModel, ids: Tensor, max_length: int | None = None) -> Tensor:
    tokenizer = tiny_tokenizer("gpt2")  # which adds no special tokens
    embedder = PretrainedTransformerEmbedder(
        transformer, tokenizer=tokenizer, max_length=max_length, train_parameters=False
    )
    return embedder.eval()(input_ids=ids)


def test_packed_rows_are_no_longer_than_a_transformer_takes() -> None:
    transformer = make("clip_text_model", SMALL | {"max_position_embeddings": 40, "vocab_size": 400})
    ids = torch.arange(5, 125)[None]
    with torch.no_grad():
        expected = torch.cat([transformer(input_ids=part).last_hidden_state for part in ids.split(40, dim=1)], dim=1)
    assert torch.allclose(vectors(transformer, ids, 40), expected, atol=1e-5)


def test_texts_too_short_for_a_transformer_are_padded() -> None:
    transformer = make("canine", CANINE)
    with torch.no_grad():
        padded = {"input_ids": torch.tensor([[97, 98, 0, 0]]), "attention_mask": torch.tensor([[1, 1, 0, 0]])}
        expected = transformer(**padded).last_hidden_state[:, :2]
    assert torch.allclose(vectors(transformer, torch.tensor([[97, 98]])), expected, atol=1e-5)


def test_rows_that_only_the_transformer_reads_stay() -> None:
    transformer = make("cpmant", CPMANT)
    before = transformer(input_ids=torch.arange(5, 15)[None]).last_hidden_state
    fit_vocabulary(transformer, tiny_tokenizer("gpt2"))
    after = transformer(input_ids=torch.arange(5, 15)[None]).last_hidden_state
    assert torch.equal(before, after)


def test_images_are_refused_in_one_line(tmp_path: Path) -> None:
    make("vit", SMALL | {"image_size": 8, "patch_size": 4}).save_pretrained(tmp_path)
    tiny_tokenizer("gpt2").save_pretrained(tmp_path)
    with pytest.raises(ConfigurationError, match=r"^model_name: got a ViTModel, which does not run on text alone.*$"):
        PretrainedTransformerEmbedder(str(tmp_path))
