"""The examples of docs/embedders.md do what they say."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch

EXAMPLES = Path(__file__).parents[2] / "examples"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_plain_pytorch_model_learns(tiny_model: Callable[[str], str]) -> None:
    losses = load("plain_pytorch").train(tiny_model("bert"))
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")  # about the number of workers, and about tiny data
def test_lightning_module_is_trained_saved_reloaded_and_frozen(
    tiny_model: Callable[[str], str], tmp_path: Path
) -> None:
    example = load("lightning_features")
    trained, refined = example.main(tiny_model("bert"), tmp_path)
    assert refined < trained
    frozen = example.reload_frozen(tmp_path / "trained.ckpt").train()
    tensors, _ = frozen.collate(example.REVIEWS)
    assert torch.equal(frozen.features(tensors), frozen.features(tensors)), "no dropout in a frozen transformer"
    assert not any(p.requires_grad for p in frozen.embedder.transformer_model.parameters())
    assert any(p.requires_grad for p in frozen.embedder.parameters()), "the scalar mix still trains"
