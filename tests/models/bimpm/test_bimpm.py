"""Matching by several perspectives, and its model, against AllenNLP's, from a file to predictions."""

import json
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cosine_similarity

from foldformer.config import ConfigurationError, Params
from foldformer.data import Batch, DatasetReader
from foldformer.models import Model
from foldformer.nn.bimpm_matching import BiMpmMatching, multi_perspective_match, multi_perspective_match_pairwise
from foldformer.text import Vocabulary
from foldformer.training import Predictor

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text())
LENGTHS = (5, 3, 1), (3, 4, 2)


def built(record, recorded):
    model = Model.from_params(Params(record["config"]), vocab=Vocabulary(tokens_to_add=record["vocabulary"]))
    return recorded.fill(model)


def tensors(batch):
    texts = {name: {"tokens": {"tokens": torch.tensor(batch[name])}} for name in ("premise", "hypothesis")}
    return {**texts, "label": torch.tensor(batch["label"])}


@pytest.mark.parametrize("record", RECORDED["matching"], ids=lambda record: "-".join(record["config"]))
def test_matching_gives_what_allennlp_gives(record, recorded):
    module = recorded.fill(BiMpmMatching.from_params(Params(record["config"])))
    recorded.check_state(module, record["shapes"])
    masks = recorded.mask_of(LENGTHS[0], 5), recorded.mask_of(LENGTHS[1], 4)
    found = module(recorded.wave(3, 5, 4), masks[0], recorded.wave(3, 4, 4, start=200), masks[1])
    recorded.check_equal(list(found), record["answer"])
    assert sum(each.size(-1) for each in found[0]) == module.get_output_dim()


def test_options_of_matching_give_different_numbers():
    assert len({json.dumps(record["answer"]) for record in RECORDED["matching"]}) == len(RECORDED["matching"])


def test_perspectives_are_cosines_of_weighted_vectors():
    torch.manual_seed(0)
    first, second, weight = torch.randn(2, 3, 4), torch.randn(2, 5, 4), torch.randn(6, 4)
    pairwise = multi_perspective_match_pairwise(first, second, weight)
    plain, weighted = multi_perspective_match(first, second[:, :1], weight)
    for b, i, j, k in ((0, 0, 0, 0), (1, 2, 4, 5), (1, 1, 0, 3)):
        expected = cosine_similarity(first[b, i] * weight[k], second[b, j] * weight[k], dim=0)
        assert pairwise[b, i, j, k].item() == pytest.approx(expected.item(), abs=1e-6)
        expected = cosine_similarity(first[b, i] * weight[k], second[b, 0] * weight[k], dim=0)
        assert weighted[b, i, k].item() == pytest.approx(expected.item(), abs=1e-6)
        expected = cosine_similarity(first[b, i], second[b, 0], dim=0)
        assert plain[b, i, 0].item() == pytest.approx(expected.item(), abs=1e-6)


def test_padding_changes_nothing_and_gradients_pass():
    torch.manual_seed(0)
    module = BiMpmMatching(3, 2, is_forward=True).double()
    first, second = (torch.randn(1, size, 3, dtype=torch.double, requires_grad=True) for size in (2, 3))
    masks = torch.ones(1, 2, dtype=torch.bool), torch.ones(1, 3, dtype=torch.bool)
    whole = torch.cat(module(first, masks[0], second, masks[1])[0], dim=2)
    longer, longer_mask = (
        torch.nn.functional.pad(each, pad) for each, pad in ((second, (0, 0, 0, 2)), (masks[1], (0, 2)))
    )
    padded = torch.cat(module(first, masks[0], longer + 7 * ~longer_mask.unsqueeze(-1), longer_mask)[0], dim=2)
    assert torch.allclose(padded, whole)
    assert torch.autograd.gradcheck(
        lambda *pair: tuple(module(pair[0], masks[0], pair[1], masks[1])[0]), (first, second)
    )


def test_matching_that_compares_nothing_or_lacks_its_direction_is_refused():
    nothing = {f"with_{kind}_match": False for kind in ("full", "maxpool", "attentive", "max_attentive")}
    with pytest.raises(ConfigurationError, match="with_max_attentive_match false; expected one of them true"):
        BiMpmMatching(**nothing)
    with pytest.raises(ConfigurationError, match="is_forward: got null with with_full_match; expected true or false"):
        BiMpmMatching()


def test_model_gives_what_allennlp_gives(recorded):
    record = RECORDED["model"]
    model = built(record, recorded)
    recorded.check_state(model, record["shapes"])
    output = model(**tensors(record["batch"]))
    recorded.check_equal(dict(output), record["output"])
    recorded.check_gradients(model, output["loss"], record["gradients"])
    assert model.make_output_human_readable(dict(output))["label"] == record["labels"]
    recorded.check_equal(model.get_metrics(reset=True), record["metrics"])


def test_aggregator_of_another_width_is_refused():
    record = RECORDED["model"]
    config = {**record["config"], "aggregator": {"type": "lstm", "input_size": 71, "hidden_size": 3}}
    with pytest.raises(
        ConfigurationError, match="aggregator: takes vectors of 71; expected 72, the width that all mat"
    ):
        Model.from_params(Params(config), vocab=Vocabulary(tokens_to_add=record["vocabulary"]))


def test_file_trains_and_pairs_are_predicted(tmp_path):
    pairs = [("a fox runs", "a fox", "entailment"), ("a fox runs", "no tea", "contradiction"), ("tea", "no", "neutral")]
    lines = [json.dumps({"sentence1": one, "sentence2": two, "gold_label": label}) for one, two, label in pairs]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    reader = DatasetReader.from_params({"type": "snli"})
    instances = list(reader.read(tmp_path / "a.jsonl"))
    vocabulary = Vocabulary.from_instances(instances)
    torch.manual_seed(0)
    model = Model.from_params(Params({**RECORDED["model"]["config"], "dropout": 0.0}), vocab=vocabulary)
    batch = Batch(instances)
    batch.index_instances(vocabulary)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        model(**batch.as_tensor_dict())["loss"].backward()
        optimizer.step()
    predictor = Predictor.by_name(model.default_predictor)(model, reader)
    assert [predictor.predict(one, two)["label"] for one, two, _ in pairs] == [label for *_, label in pairs]
