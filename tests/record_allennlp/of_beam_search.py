"""Records of beam searches over a small model of tokens, see `stepper` in tests/nn/test_beam_search.py."""

import copy
import warnings

import torch
from allennlp.common import Params
from allennlp.nn.beam_search import BeamSearch
from formulas import plain, wave

END, CLASSES = 0, 6


def stepper(table):
    def step(last, state):
        logits = table[last] + state["bias"] + state["decoder_hidden"].sum(0)
        bias = 0.5 * state["bias"] + torch.nn.functional.one_hot(last, CLASSES)
        return logits.log_softmax(-1), {"bias": bias, "decoder_hidden": 0.9 * state["decoder_hidden"], "none": None}

    return step


def beam_search_records():
    table = 2 * wave(CLASSES, CLASSES)
    records = []
    for config in (
        {"beam_size": 1},
        {"beam_size": 3},
        {"beam_size": 4, "per_node_beam_size": 2},
        {"beam_size": 3, "min_steps": 4},
        {"beam_size": 3, "final_sequence_scorer": "length-normalized-sequence-log-prob"},
        {
            "beam_size": 4,
            "final_sequence_scorer": {"type": "length-normalized-sequence-log-prob", "length_penalty": 2.0},
        },
        {"beam_size": 2, "constraints": [{"type": "repeated-ngram-blocking", "ngram_size": 1}]},
        {"beam_size": 3, "constraints": [{"type": "repeated-ngram-blocking", "ngram_size": 2}], "min_steps": 3},
        {"beam_size": 2, "max_steps": 1},
    ):
        config = {"max_steps": 7, **config}
        search = BeamSearch.from_params(Params(copy.deepcopy(config)), end_index=END)
        state = {"bias": wave(2, CLASSES, start=60), "decoder_hidden": wave(2, 2, CLASSES, start=90)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sequences, scores = search.search(torch.tensor([1, 4]), state, stepper(table))
        records.append({"config": config, "sequences": plain(sequences), "scores": plain(scores)})
    return records
