"""Records of modules that models put between their parts: configuration, weights by formula, inputs and answers."""

import torch
from allennlp.common import Params
from allennlp.modules import GatedSum, Highway
from allennlp.modules.span_extractors import SpanExtractor
from formulas import fill, mask_of, plain, shapes, wave
from of_functions import marked


def module_records():
    records = []

    def add(base, config, *inputs):
        kinds = {"GatedSum": GatedSum, "Highway": Highway}
        module = kinds[base](**config) if base in kinds else SpanExtractor.from_params(Params(dict(config)))
        fill(module)
        record = {"base": base, "config": config, "shapes": shapes(module), "inputs": marked(inputs)}
        records.append({**record, "answer": plain(module(*inputs))})

    tokens = wave(2, 6, 4)
    spans = torch.tensor([[[0, 0], [1, 3], [2, 5]], [[0, 2], [3, 3], [1, 2]]])
    mask, real = mask_of((6, 4), 6), mask_of((3, 2), 3)
    width = {"input_dim": 4, "num_width_embeddings": 5, "span_width_embedding_dim": 3}
    for kind in ("endpoint", "self_attentive", "bidirectional_endpoint", "max_pooling"):
        add("SpanExtractor", {"type": kind, "input_dim": 4}, tokens, spans)
        add("SpanExtractor", {"type": kind, **width}, tokens, spans, mask.logical_or(mask_of((6, 6), 6)), real)
        add("SpanExtractor", {"type": kind, **width, "bucket_widths": True}, tokens, spans)
    ended = torch.tensor([[[0, 0], [1, 3], [2, 5]], [[0, 2], [3, 3], [1, 2]]])
    for kind in ("bidirectional_endpoint", "max_pooling"):
        add("SpanExtractor", {"type": kind, "input_dim": 4}, tokens, ended, mask)
    add("SpanExtractor", {"type": "endpoint", "input_dim": 4, "combination": "x,y,x*y,y-x"}, tokens, spans)
    add("SpanExtractor", {"type": "endpoint", "input_dim": 4, "use_exclusive_start_indices": True}, tokens, spans)
    combinations = {"forward_combination": "x,y", "backward_combination": "x*y", "use_sentinels": False}
    add("SpanExtractor", {"type": "bidirectional_endpoint", "input_dim": 4, **combinations}, tokens, spans)
    add("GatedSum", {"input_dim": 4}, wave(2, 3, 4), wave(2, 3, 4, start=40))
    add("Highway", {"input_dim": 4, "num_layers": 2}, wave(2, 3, 4))
    return records
