"""Adding layers up against mixing all of them at the end, for every family."""

from collections.abc import Callable

import pytest
import torch
from transformers import AutoModel

from foldformer.nn.layer_mixing import _layers_to_add, mix_layers
from foldformer.nn.scalar_mix import ScalarMix

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
    assert not any(hook.__module__ == "foldformer.nn.layer_mixing" for hook in hooks)


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
