"""The scalar mix against its formula."""

import numpy as np
import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.engine.scalar_mix import ScalarMix

LAYERS = [torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(n)) for n in range(3)]


def test_mixture_follows_the_formula() -> None:
    mix = ScalarMix(3, initial_scalar_parameters=[0.5, -1.0, 2.0])
    mix.gamma.data.fill_(1.5)
    exponentials = np.exp([0.5, -1.0, 2.0])
    weights = 1.5 * exponentials / exponentials.sum()
    expected = sum(w * layer.numpy() for w, layer in zip(weights, LAYERS, strict=True))
    np.testing.assert_allclose(mix(LAYERS).detach().numpy(), expected, rtol=1e-5)
    np.testing.assert_allclose(mix.layer_weights().detach().numpy(), weights, rtol=1e-6)


def test_layer_norm_uses_real_positions_only() -> None:
    mask = torch.tensor([[True, True, False], [True, False, False]])
    mix = ScalarMix(3, do_layer_norm=True)
    expected = np.zeros((2, 3, 4))
    for layer in LAYERS:
        real = layer[mask].numpy()
        expected += (layer.numpy() - real.mean()) / real.std() / 3
    np.testing.assert_allclose(mix(LAYERS, mask).detach().numpy(), expected, rtol=1e-4, atol=1e-6)


def test_gradients_are_exact() -> None:
    mix = ScalarMix(2).double()
    layers = [torch.randn(2, 3, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    torch.autograd.gradcheck(lambda *inputs: mix(inputs), layers)
    mix(layers).pow(2).sum().backward()
    assert all(parameter.grad is not None and parameter.grad.abs() > 0 for parameter in mix.parameters())


def test_state_dict_has_the_published_keys() -> None:
    assert set(ScalarMix(2).state_dict()) == {"gamma", "scalar_parameters.0", "scalar_parameters.1"}


def test_untrainable_mix_needs_no_gradient() -> None:
    assert not any(parameter.requires_grad for parameter in ScalarMix(2, trainable=False).parameters())


def test_bfloat16_layers_stay_bfloat16() -> None:
    assert ScalarMix(3)([layer.bfloat16() for layer in LAYERS]).dtype == torch.bfloat16


def test_wrong_numbers_of_layers_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"got 2 numbers; expected one for each of 3"):
        ScalarMix(3, initial_scalar_parameters=[1.0, 2.0])
    with pytest.raises(ConfigurationError, match="got 3 layers; expected 2"):
        ScalarMix(2)(LAYERS)
    with pytest.raises(ValueError, match="needs a mask"):
        ScalarMix(3, do_layer_norm=True)(LAYERS)
