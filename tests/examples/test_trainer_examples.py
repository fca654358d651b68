"""The examples of docs/training.md do what they say."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_model_learns_inside_the_trainer_of_transformers(tiny_model, tmp_path):
    pytest.importorskip("accelerate", reason="transformers.Trainer needs the package accelerate")
    before, after = load("model_in_transformers_trainer").main(tiny_model("bert"), tmp_path)
    assert after < 0.5 * before


@pytest.mark.filterwarnings("ignore::UserWarning:lightning", "ignore:.*LeafSpec.*:FutureWarning")
def test_model_learns_inside_a_lightning_module(tiny_model):
    assert load("model_in_lightning").main(tiny_model("bert"), 32) == 1.0
