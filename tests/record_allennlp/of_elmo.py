"""Records of ELMo: the tiny model of tiny_elmo.py, sentences, and what AllenNLP's modules make of them."""

import tempfile

import torch
from allennlp.data import Token, Vocabulary
from allennlp.data.token_indexers import ELMoTokenCharactersIndexer
from allennlp.modules.elmo import Elmo, _ElmoBiLm, batch_to_ids
from allennlp.modules.lstm_cell_with_projection import LstmCellWithProjection
from allennlp.modules.token_embedders import ElmoTokenEmbedder
from formulas import fill, gradient_norms, plain, shapes, wave
from tiny_elmo import write_tiny_elmo

SENTENCES = [["The", "fox", "sleeps"], ["a"], ["süß", "北京", "x" * 60, "<S>", "</S>"]]
BATCHES = [SENTENCES, [["fox"], ["The", "a"]], [["a", "a"], ["The"], ["fox", "a", "The"], ["sleeps"]]]
CACHED = ["@@PADDING@@", "The", "fox", "a", "sleeps"]
OPTIONS = [{}, {"activation": "tanh"}, {"cell_clip": 0.1}, {"proj_clip": 0.1}, {"cell_clip": 0, "proj_clip": 0}]
CONFIGS = [
    {},
    {"do_layer_norm": True},
    {"keep_sentence_boundaries": True},
    {"scalar_mix_parameters": [0.5, -1.0, 2.0]},
    {"requires_grad": True},
    {"requires_grad": True, "do_layer_norm": True},
    {"num_output_representations": 2, "requires_grad": True},
]


def language_model_records(files_of):
    records = []
    for options in OPTIONS:
        model = _ElmoBiLm(*files_of(options)).eval()
        states = shapes(model)
        answers = [plain(model(batch_to_ids(batch))) for batch in (BATCHES[:1] if options else BATCHES)]
        records.append({"options": options, "state": states, "answers": answers})
    return records


@torch.no_grad()
def set_mixes(model):
    names = sorted(name for name in model.state_dict() if name.startswith("scalar_mix"))
    for start, name in enumerate(names):
        model.state_dict()[name].copy_(wave(1, start=start))


def loss_of(representations):
    return sum((each * wave(*each.shape, start=5 + number)).sum() for number, each in enumerate(representations))


def mixture_records(files):
    records = []
    for config in CONFIGS:
        config = {"num_output_representations": 1, "dropout": 0.0, **config}
        model = Elmo(*files, **config).train()
        if "scalar_mix_parameters" not in config:
            set_mixes(model)
        found = model(batch_to_ids(SENTENCES))
        record = {"config": config, "state": shapes(model), "answer": plain(found)}
        record["trainable"] = sorted(name for name, each in model.named_parameters() if each.requires_grad)
        if record["trainable"]:
            record["gradient_norms"] = gradient_norms(model, loss_of(found["elmo_representations"]))
        records.append(record)
    return records


def cached_record(files):
    model = Elmo(*files, 1, dropout=0.0, vocab_to_cache=CACHED).eval()
    ids, numbers = batch_to_ids([["The", "fox", "a"], ["sleeps"]]), torch.tensor([[1, 2, 3], [4, 0, 0]])
    answers = [plain(model(ids, numbers)), plain(model(ids, numbers)), plain(model(ids, numbers + 3))]
    return {"words": CACHED, "numbers": plain(numbers), "state": shapes(model), "answers": answers}


def embedder_records(files):
    records = []
    for config in ({}, {"projection_dim": 4}, {"do_layer_norm": True, "scalar_mix_parameters": [1.0, 2.0, -1.0]}):
        embedder = ElmoTokenEmbedder(*files, dropout=0.0, **config).eval()
        if "projection_dim" in config:
            fill(embedder._projection)
        ids = batch_to_ids(SENTENCES)
        record = {"config": config, "state": shapes(embedder), "output_dim": embedder.get_output_dim()}
        records.append({**record, "answers": [plain(embedder(ids)), plain(embedder(ids.unsqueeze(1)))]})
    return records


def cell_records():
    records = []
    for go_forward in (True, False):
        config = {"input_size": 4, "hidden_size": 3, "cell_size": 5, "go_forward": go_forward}
        for extra in ({}, {"memory_cell_clip_value": 0.2, "state_projection_clip_value": 0.1}):
            cell = fill(LstmCellWithProjection(**config, **extra))
            inputs, state = wave(3, 5, 4), (0.1 * wave(1, 3, 3, start=4), 0.1 * wave(1, 3, 5, start=9))
            found = cell(inputs, [5, 3, 1], state)
            loss = (found[0] * wave(3, 5, 3, start=2)).sum() + found[1][1].sum()
            record = {"config": {**config, **extra}, "state": shapes(cell), "answer": plain(found)}
            records.append({**record, "gradient_norms": gradient_norms(cell, loss)})
    return records


def indexer_record():
    config = {"tokens_to_add": {"[MASK]": 7}, "token_min_padding_length": 5}
    indexer = ELMoTokenCharactersIndexer(**config)
    words = ["The", "süß", "y" * 49, "[MASK]", "<S>", "</S>", ""]
    indexed = indexer.tokens_to_indices([Token(word) for word in words], Vocabulary())
    few = {"elmo_tokens": indexed["elmo_tokens"][:2]}
    lengths = indexer.get_padding_lengths(few)
    padded = plain(indexer.as_padded_tensor_dict(few, lengths))
    return {"config": config, "words": words, "indexed": indexed, "lengths": lengths, "padded": padded}


def elmo_records():
    folder = tempfile.mkdtemp()
    files = write_tiny_elmo(folder)
    return {
        "batches": BATCHES,
        "language_models": language_model_records(lambda options: write_tiny_elmo(tempfile.mkdtemp(), **options)),
        "mixtures": mixture_records(files),
        "cached": cached_record(files),
        "embedders": embedder_records(files),
        "cells": cell_records(),
        "indexer": indexer_record(),
    }
