"""Adding layers up against mixing all of them at the end, for every family."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModel

from foldformer.engine.layer_mixing import _layers_to_add, mix_layers
from foldformer.engine.scalar_mix import ScalarMix

KEEPS_ALL = ["albert", "xlnet"]


@pytest.mark.parametrize(
    "family",
    ["bert", "roberta", "distilbert", "bart", "t5", "mpnet", "deberta-v2", "modernbert", "gpt2", "llama", *KEEPS_ALL],
)
def test_mixture_equals_that_of_all_hidden_states(family: str, tiny_model: Callable[[str], str]) -> None:
    model = AutoModel.from_pretrained(tiny_model(family), dtype=torch.float32).eval()
    model = model.encoder if family in ("bart", "t5") else model
    mix = ScalarMix(3, initial_scalar_parameters=[0.0, 1.0, -1.0])
    inputs = {"input_ids": torch.randint(5, 60, (3, 11), generator=torch.Generator().manual_seed(0))}
    inputs["attention_mask"] = (torch.arange(11) < torch.tensor([[11], [7], [2]])).long()
    with torch.no_grad():
        expected = mix(model(**inputs, output_hidden_states=True).hidden_states[1:])
        got = mix_layers(model, inputs, mix)
    real = inputs["attention_mask"].bool()
    torch.testing.assert_close(got[real], expected[real], atol=1e-5, rtol=1e-4)
    assert (_layers_to_add[model] is None) == (family in KEEPS_ALL)
    hooks = [hook for module in model.modules() for hook in module._forward_hooks.values()]
    assert not any(hook.__module__ == "foldformer.engine.layer_mixing" for hook in hooks)


def test_hidden_states_are_asked_for_once_only(tiny_model: Callable[[str], str]) -> None:
    model = AutoModel.from_pretrained(tiny_model("bert"), dtype=torch.float32).eval()
    asked: list[bool] = []
    original = model.forward

    def watched(**inputs: object) -> object:
        asked.append(bool(inputs.get("output_hidden_states")))
        return original(**inputs)

    model.forward = watched
    inputs = {"input_ids": torch.full((1, 9), 7)}
    with torch.no_grad():
        mix_layers(model, inputs, ScalarMix(3))
        asked.clear()
        mix_layers(model, inputs, ScalarMix(3))
    assert asked == [False]


def random_model(family: str, **options: Any) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        small = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48}
        config = AutoConfig.for_model(family, vocab_size=60, max_position_embeddings=256, pad_token_id=0, **small)
        config.update(options)
        model = AutoModel.from_config(config)
        for parameter in model.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
    return model.eval()


def numbers(width: int) -> dict[str, Tensor]:
    return {"input_ids": torch.randint(5, 60, (1, width), generator=torch.Generator().manual_seed(width))}


@torch.no_grad()
def test_threads_that_share_a_transformer_do_not_hear_each_other(tiny_model: Callable[[str], str]) -> None:
    model, mix = AutoModel.from_pretrained(tiny_model("bert"), dtype=torch.float32).eval(), ScalarMix(3)
    inputs, others = numbers(9), numbers(11)
    expected, of_others = mix_layers(model, inputs, mix), mix_layers(model, others, mix)
    got: list[Tensor] = []

    def run_others() -> None:
        with torch.no_grad():
            got.append(mix_layers(model, others, mix))

    waiting = [Thread(target=run_others)]

    def interrupt(*_: object) -> None:
        if waiting:
            other = waiting.pop()
            other.start()
            other.join()

    model.encoder.layer[1].register_forward_pre_hook(interrupt)
    torch.testing.assert_close(mix_layers(model, inputs, mix), expected)
    torch.testing.assert_close(got[0], of_others)
    assert _layers_to_add[model] is not None


@torch.no_grad()
def test_layers_wider_than_their_input_are_mixed_at_the_end() -> None:
    """Longformer pads within to multiples of its window, which the first eight wordpieces are."""
    model, mix, inputs = random_model("longformer", attention_window=[8, 8, 8]), ScalarMix(3), numbers(13)
    expected = mix(model(**inputs, output_hidden_states=True).hidden_states[1:])
    torch.testing.assert_close(mix_layers(model, inputs, mix), expected)
    assert _layers_to_add[model] is None


@torch.no_grad()
@pytest.mark.parametrize("width", [120, 121])
def test_trying_leaves_sparse_attention_as_it_was(width: int) -> None:
    model, inputs = random_model("big_bird", block_size=4, num_random_blocks=1), numbers(width)
    mix = ScalarMix(3)
    expected = mix([states[:, :width] for states in model(**inputs, output_hidden_states=True).hidden_states[1:]])
    torch.testing.assert_close(mix_layers(model, inputs, mix), expected)
    assert model.attention_type == "block_sparse"


@torch.no_grad()
def test_dropout_does_not_hide_that_layers_may_be_added_up(tiny_model: Callable[[str], str]) -> None:
    model = AutoModel.from_pretrained(tiny_model("bert"), dtype=torch.float32).train()
    mix_layers(model, numbers(9), ScalarMix(3))
    assert _layers_to_add[model] is not None
    assert all(module.training for module in model.modules())
