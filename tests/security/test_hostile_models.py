"""Model folders whose configuration asks for what no machine has: one line, and nothing is made."""

import json
import shutil

import pytest

from foldformer.config import ConfigurationError
from foldformer.text.pretrained import load_transformer

NUMBERS = [
    ("hidden_size", 10**12), ("hidden_size", -8), ("hidden_size", "8"), ("hidden_size", None),
    ("num_attention_heads", 0), ("vocab_size", 10**14), ("max_position_embeddings", 10**13), ("layer_norm_eps", "x"),
    ("hidden_act", "nope"), ("intermediate_size", 1e11), ("model_type", ["x"]),
]  # fmt: skip


@pytest.mark.parametrize("load_weights", [True, False])
@pytest.mark.parametrize(("key", "value"), NUMBERS)
def test_configuration_that_nothing_can_be_made_of_is_one_line(tiny_model, tmp_path, key, value, load_weights):
    folder = shutil.copytree(tiny_model("bert"), tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {key: value}))
    with pytest.raises(ConfigurationError, match="model_name: got") as caught:
        load_transformer(str(folder), load_weights=load_weights)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 900
