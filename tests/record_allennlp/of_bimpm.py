"""Records of matching by several perspectives, and of the model that is made of it."""

import json
from itertools import combinations

import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp.modules.bimpm_matching import BiMpmMatching
from formulas import fill, gradient_norms, mask_of, plain, shapes, wave

TOKENS = ["a", "b", "c", "d", "e"]
LABELS = ["yes", "no", "maybe"]
PREMISE = [[2, 3, 4, 5, 6], [4, 2, 3, 0, 0], [6, 0, 0, 0, 0]]
HYPOTHESIS = [[3, 2, 6, 0], [2, 3, 5, 4], [2, 2, 0, 0]]
GOLD = [1, 0, 2]
KINDS = ("with_full_match", "with_maxpool_match", "with_attentive_match", "with_max_attentive_match")


def matching_records():
    first, second = wave(3, 5, 4), wave(3, 4, 4, start=200)
    masks = mask_of((5, 3, 1), 5), mask_of((3, 4, 2), 4)
    options = [{"is_forward": True}, {"is_forward": False, "share_weights_between_directions": False}]
    options += [dict.fromkeys(kinds, False) | {"is_forward": True} for kinds in combinations(KINDS, 3)]
    records = []
    for each in options:
        config = {"hidden_dim": 4, "num_perspectives": 3, **each}
        module = fill(BiMpmMatching(**config))
        answer = module(first, masks[0], second, masks[1])
        records.append({"config": config, "shapes": shapes(module), "answer": plain(answer)})
    return records


def model_record():
    def matcher(dim, is_forward):
        return {"hidden_dim": dim, "num_perspectives": 2, "is_forward": is_forward}

    encoder = {"type": "lstm", "hidden_size": 3, "bidirectional": True}
    config = {
        "type": "bimpm",
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
        "matcher_word": {**matcher(4, True), "with_full_match": False},
        "encoder1": {**encoder, "input_size": 4},
        "matcher_forward1": matcher(3, True),
        "matcher_backward1": matcher(3, False),
        "encoder2": {**encoder, "input_size": 6},
        "matcher_forward2": matcher(3, True),
        "matcher_backward2": matcher(3, False),
        "aggregator": {"type": "lstm", "input_size": 72, "hidden_size": 3, "bidirectional": True},
        "classifier_feedforward": {
            "input_dim": 12,
            "num_layers": 2,
            "hidden_dims": [5, 3],
            "activations": ["relu", "linear"],
            "dropout": [0.1, 0.0],
        },
    }
    written = json.loads(json.dumps(config))  # from_params empties what it is given
    vocab = Vocabulary(tokens_to_add={"tokens": TOKENS, "labels": LABELS})
    model = fill(Model.from_params(Params(config), vocab=vocab))
    texts = [{"tokens": {"tokens": torch.tensor(each)}} for each in (PREMISE, HYPOTHESIS)]
    output = model(*texts, torch.tensor(GOLD))
    gradients = gradient_norms(model, output["loss"])
    return {
        "config": written,
        "vocabulary": {"tokens": TOKENS, "labels": LABELS},
        "batch": {"premise": PREMISE, "hypothesis": HYPOTHESIS, "label": GOLD},
        "shapes": shapes(model),
        "gradients": gradients,
        "output": {name: plain(output[name]) for name in ("logits", "label_probs", "loss")},
        "labels": model.make_output_human_readable(dict(output))["label"],
        "metrics": plain(model.get_metrics(reset=True)),
    }


def bimpm_records():
    return {"matching": matching_records(), "model": model_record()}
