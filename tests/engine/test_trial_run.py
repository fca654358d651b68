"""What a few wordpieces tell of a transformer, against what running it at full length tells."""

from collections.abc import Callable

import pytest
import torch
from transformers import AutoConfig, AutoModel, PreTrainedModel

from foldformer.config import ConfigurationError
from foldformer.engine.transformer_facts import num_ids
from foldformer.engine.trial_run import try_out
from tests.architectures.shrinking import small_models

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
LIMITED = {
    "bert": (SMALL | {"max_position_embeddings": 40}, 40),
    "roberta": (SMALL | {"max_position_embeddings": 42, "pad_token_id": 1}, 40),
    "yoso": (SMALL | {"max_position_embeddings": 40, "use_expectation": True}, 40),
    "nystromformer": (SMALL | {"max_position_embeddings": 40, "num_landmarks": 8, "segment_means_seq_len": 8}, 40),
    "openai-gpt": ({"n_positions": 40, "n_embd": 32, "n_layer": 2, "n_head": 4}, 40),
    "ctrl": ({"n_positions": 40, "n_embd": 32, "n_layer": 2, "n_head": 4, "dff": 48}, 40),
    "gptj": ({"n_positions": 40, "n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 4}, 40),
    "canine": (SMALL | {"num_hash_buckets": 40, "downsampling_rate": 4, "local_transformer_stride": 8}, 40),
    "longformer": (SMALL | {"max_position_embeddings": 42, "pad_token_id": 1, "attention_window": 16}, 40),
    "opt": (SMALL | {"max_position_embeddings": 40, "ffn_dim": 48, "word_embed_proj_dim": 32}, 40),
}
UNLIMITED = {
    "qwen3_next": SMALL
    | {"num_hidden_layers": 4, "num_key_value_heads": 2, "head_dim": 8, "linear_num_key_heads": 2,
       "linear_num_value_heads": 4, "linear_key_head_dim": 8, "linear_value_head_dim": 8, "num_experts": 2,
       "num_experts_per_tok": 1},
    "llama": SMALL | {"max_position_embeddings": 40},
    "xlnet": {"d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 48},
    "deberta-v2": SMALL | {"max_position_embeddings": 40, "position_biased_input": False, "relative_attention": True,
                           "pos_att_type": ["p2c", "c2p"]},
}  # fmt: skip


def make(kind: str, options: dict[str, object]) -> PreTrainedModel:
    torch.manual_seed(0)
    return AutoModel.from_config(AutoConfig.for_model(kind, **{"vocab_size": 100, **options})).eval()


def runs(transformer: PreTrainedModel, length: int) -> bool:
    try:
        transformer(input_ids=torch.full((1, length), 7))
    except (IndexError, RuntimeError):
        return False
    return True


@pytest.mark.parametrize(("kind", "options", "limit"), [(kind, *rest) for kind, rest in LIMITED.items()])
def test_positions_are_counted_not_believed(kind: str, options: dict[str, object], limit: int) -> None:
    transformer = make(kind, options)
    assert try_out(transformer).position_limit == limit
    assert runs(transformer, limit)
    assert not runs(transformer, limit + 1)


@pytest.mark.parametrize(("kind", "options"), UNLIMITED.items())
def test_relative_positions_have_no_limit(kind: str, options: dict[str, object]) -> None:
    transformer = make(kind, options)
    assert try_out(transformer).position_limit is None
    assert runs(transformer, 90)


def test_width_is_measured() -> None:
    reformer = {"hidden_size": 32, "attention_head_size": 8, "num_attention_heads": 4, "attn_layers": ["local"],
                "feed_forward_size": 48, "axial_pos_shape": [4, 10], "axial_pos_embds_dim": [16, 16],
                "max_position_embeddings": 40, "local_attn_chunk_length": 4, "is_decoder": False}  # fmt: skip
    assert try_out(make("reformer", reformer)).width == 64


def test_layers_are_counted(tiny_model: Callable[[str], str]) -> None:
    assert try_out(AutoModel.from_pretrained(tiny_model("bert"))).num_layers == 3


def test_transformers_that_want_more_than_text_name_the_part_that_does_not(tiny_model: Callable[[str], str]) -> None:
    with pytest.raises(ConfigurationError, match=r'sub_module: missing; T5Model does not run on text alone.*"encoder"'):
        try_out(AutoModel.from_pretrained(tiny_model("t5")))


def test_models_without_text_are_refused() -> None:
    vit = make("vit", SMALL | {"image_size": 8, "patch_size": 4})
    with pytest.raises(ConfigurationError, match="model_name: got a ViTModel, which does not run on text alone"):
        try_out(vit)


def test_trying_changes_nothing(tiny_model: Callable[[str], str]) -> None:
    transformer = AutoModel.from_pretrained(tiny_model("bert")).train()
    before, state = transformer.config.to_dict(), torch.get_rng_state()
    try_out(transformer)
    assert transformer.training
    assert transformer.config.to_dict() == before
    assert torch.equal(torch.get_rng_state(), state)


def test_hooks_of_others_stay_and_those_of_the_trial_go() -> None:
    transformer = make("bert", SMALL | {"max_position_embeddings": 40})
    seen: list[int] = []
    transformer.register_forward_hook(lambda *_: seen.append(1))
    try_out(transformer)
    assert len(seen) == 2
    assert sum(len(module._forward_hooks) for module in transformer.modules()) == 1
    output = transformer(input_ids=torch.full((1, 5), 7), output_hidden_states=True)
    assert len(output.hidden_states) == 3


def test_ids_are_counted_where_transformers_does_not_name_their_table() -> None:
    transformer = next(small_models("sam3_lite_text_text_model"))
    with pytest.raises(NotImplementedError):
        transformer.get_input_embeddings()
    assert try_out(transformer).width == 64
    assert num_ids(transformer) == 300


def test_a_vocabulary_of_one_is_none() -> None:
    decisions = make("gpt2", {"n_embd": 32, "n_layer": 2, "n_head": 4, "vocab_size": 1})
    with pytest.raises(ConfigurationError, match=r"it has a vector for one wordpiece only"):
        try_out(decisions)
