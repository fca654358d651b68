"""The biaffine parser against AllenNLP's."""

import json
from pathlib import Path

import pytest
import torch

from foldformer.config import ConfigurationError, Params
from foldformer.models import Model
from foldformer.text import Vocabulary

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text())


def built(record, **changes):
    vocabulary = Vocabulary(tokens_to_add=RECORDED["vocabulary"])
    return Model.from_params(Params({**record["config"], **changes}), vocab=vocabulary)


def inputs(rows=slice(None)):
    batch = {name: torch.tensor(values)[rows] for name, values in RECORDED["batch"].items()}
    words = batch.pop("words")
    return {"words": {"tokens": {"tokens": words}}, "metadata": [{"words": [], "pos": []}] * len(words), **batch}


@pytest.mark.parametrize("record", RECORDED["records"], ids=lambda record: str(sorted(record["config"])[-1]))
def test_model_gives_what_allennlp_gives(record, recorded):
    model = recorded.fill(built(record))
    recorded.check_state(model, record["shapes"])
    output = model(**inputs())
    for name, loss in record["losses"].items():
        recorded.check_equal(output[name].item(), loss, name)
    real = output["mask"]
    for name in ("heads", "head_tags"):
        assert output[name][real].tolist() == torch.tensor(record[name])[real].tolist(), name
    recorded.check_gradients(model, output["loss"], record["gradients"])
    recorded.check_equal(model.get_metrics(reset=True), record["metrics"])
    readable = model.make_output_human_readable(dict(output))
    assert readable["predicted_dependencies"] == record["readable"]["predicted_dependencies"]
    assert readable["predicted_heads"] == [
        heads[1 : 1 + length] for heads, length in zip(record["heads"], (5, 3, 4), strict=True)
    ]
    fields = inputs()
    del fields["head_tags"], fields["head_indices"]
    recorded.check_equal(model(**fields)["loss"].item(), record["loss_of_found"])


def test_options_give_different_numbers():
    seen = {json.dumps([record["losses"], record["heads"]]) for record in RECORDED["records"]}
    assert len(seen) == len(RECORDED["records"])


def test_training_takes_the_best_head_of_each_word(recorded):
    greedy = RECORDED["records"][1]
    model = recorded.fill(built(RECORDED["records"][0])).train()
    output = model(**inputs())
    real = output["mask"]
    assert output["heads"][real].tolist() == torch.tensor(greedy["heads"])[real].tolist()


def test_padding_and_order_change_nothing(recorded):
    model = recorded.fill(built(RECORDED["records"][3]))
    whole = model(**inputs())
    alone, turned = model(**inputs([1])), model(**inputs([2, 1, 0]))
    assert torch.equal(alone["heads"][0, :4], whole["heads"][1, :4])
    assert torch.equal(turned["heads"], whole["heads"].flip(0))
    assert turned["loss"].item() == pytest.approx(whole["loss"].item(), abs=1e-6)


def test_dropout_drops_in_training_only():
    for changes in ({"dropout": 0.5}, {"input_dropout": 0.5}):
        model = built(RECORDED["records"][0], **changes).train()
        assert model(**inputs())["loss"].item() != model(**inputs())["loss"].item()
        model.eval()
        assert model(**inputs())["loss"].item() == model(**inputs())["loss"].item()


def test_punctuation_is_not_scored(recorded):
    model = recorded.fill(built(RECORDED["records"][0]))
    fields = inputs([1])
    fields["pos_tags"] = torch.tensor([[4, 4, 4, 0, 0]])
    model(**fields)
    assert model.get_metrics(reset=True)["UAS"] == 0.0
    del fields["pos_tags"]
    model(**fields)
    assert model.get_metrics(reset=True)["UAS"] > 0.0


def test_parts_that_do_not_fit_are_named():
    record = RECORDED["records"][0]
    layers = {"input_dim": 6, "num_layers": 1, "hidden_dims": 3, "activations": "tanh"}
    with pytest.raises(ConfigurationError, match="encoder: takes vectors of 4; expected 6, the width that text_field_"):
        built(record, pos_tag_embedding={"embedding_dim": 2, "vocab_namespace": "pos"})
    with pytest.raises(ConfigurationError, match="tag_representation_dim: takes vectors of 5; expected 3, the width"):
        built(record, tag_feedforward=layers)
    with pytest.raises(ConfigurationError, match="arc_feedforward: takes vectors of 7; expected 6, the width that enc"):
        built(record, arc_feedforward={**layers, "input_dim": 7})
    fields = inputs()
    del fields["pos_tags"]
    with pytest.raises(ValueError, match="pos_tags: got none; expected them, as the model has a pos_tag_embedding"):
        built(RECORDED["records"][3])(**fields)
