"""The examples of docs/training.md do what they say."""

import importlib.util
from pathlib import Path

import pytest
import torch

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


def test_model_learns_in_a_loop_of_ones_own(tiny_model, capsys):
    before, after = load("native_loop").main(tiny_model("bert"))
    assert before < after == 1.0
    assert "40/40" in capsys.readouterr().err  # the progress bar has come to its end


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_pairs_are_fine_tuned_and_then_looked_at_and_used_frozen(tiny_model, tmp_path):
    example = load("lightning_pairs")
    tuned, accuracy = example.fine_tune(tiny_model("bert"), tmp_path)
    assert accuracy == 1.0
    tensors, labels = tuned.collate(example.PAIRS)
    assert tensors["input_ids"].shape[1] > 96  # more than the transformer has positions
    attentions = tuned.attentions(tensors)
    assert len(attentions) == 3
    assert attentions[0].shape[0] > len(example.PAIRS)  # segments
    reloaded = example.PairClassifier.load_from_checkpoint(tmp_path / "pairs.ckpt").eval()
    torch.testing.assert_close(reloaded(tensors), tuned.eval()(tensors))
    model, loss = example.train_on_features(tmp_path / "pairs.ckpt")
    assert loss < 0.7
    assert torch.equal(model.extractor.features(tensors), model.extractor.features(tensors)), "dropout"
    torch.testing.assert_close(model.extractor.features(tensors), reloaded.features(tensors))
    assert [name for name, each in model.named_parameters() if each.requires_grad] == [
        "classify.weight",
        "classify.bias",
    ]
    assert (model.classify(model.extractor.features(tensors)).argmax(1) == labels).all()
