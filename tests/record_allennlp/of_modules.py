"""Records of modules that models put between their parts: configuration, weights by formula, inputs and answers."""

import torch
from allennlp.common import Params
from allennlp.modules import Attention, GatedSum, Highway, MatrixAttention, Seq2SeqEncoder, Seq2VecEncoder
from allennlp.modules.layer_norm import LayerNorm
from allennlp.modules.maxout import Maxout
from allennlp.modules.residual_with_layer_dropout import ResidualWithLayerDropout
from allennlp.modules.softmax_loss import SoftmaxLoss
from allennlp.modules.span_extractors import SpanExtractor
from formulas import fill, mask_of, plain, shapes, wave
from of_functions import marked

KINDS = {each.__name__: each for each in (GatedSum, Highway, LayerNorm, Maxout, ResidualWithLayerDropout, SoftmaxLoss)}
BASES = {each.__name__: each for each in (SpanExtractor, Attention, MatrixAttention, Seq2SeqEncoder, Seq2VecEncoder)}


def module_records():
    records = []

    def add(base, config, *inputs):
        module = KINDS[base](**config) if base in KINDS else BASES[base].from_params(Params(dict(config)))
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
    add("LayerNorm", {"dimension": 4}, wave(2, 3, 4))
    add("Maxout", {"input_dim": 4, "num_layers": 2, "output_dims": [5, 3], "pool_sizes": [4, 2]}, wave(2, 3, 4))
    add("Maxout", {"input_dim": 4, "num_layers": 1, "output_dims": 3, "pool_sizes": 2, "dropout": 0.5}, wave(2, 4))
    add("ResidualWithLayerDropout", {"undecayed_dropout_prob": 0.4}, wave(2, 3), wave(2, 3, start=9))
    add("SoftmaxLoss", {"num_words": 5, "embedding_dim": 4}, wave(3, 4), torch.tensor([4, 0, 2]))
    vector, rows, row_mask = wave(2, 4, start=5), wave(2, 3, 5), mask_of((3, 2), 3)
    wide = {"vector_dim": 4, "matrix_dim": 5}
    alike = wave(2, 4, start=5), wave(2, 3, 4)
    for config, pair in (
        ({"type": "additive", **wide}, (vector, rows)),
        ({"type": "bilinear", **wide, "activation": "tanh"}, (vector, rows)),
        ({"type": "cosine"}, alike),
        ({"type": "dot_product"}, alike),
        ({"type": "scaled_dot_product"}, alike),
        ({"type": "scaled_dot_product", "scaling_factor": 9}, alike),
        ({"type": "linear", "tensor_1_dim": 4, "tensor_2_dim": 5}, (vector, rows)),
        ({"type": "linear", "tensor_1_dim": 4, "tensor_2_dim": 4, "combination": "x*y"}, alike),
    ):
        add("Attention", config, *pair)
        add("Attention", config, *pair, row_mask)
        add("Attention", {**config, "normalize": False}, *pair)
    first, second, other = wave(2, 3, 4), wave(2, 5, 4, start=70), wave(2, 5, 6)
    for config, pair in (
        ({"type": "cosine"}, (first, second)),
        ({"type": "dot_product"}, (first, second)),
        ({"type": "scaled_dot_product"}, (first, second)),
        ({"type": "bilinear", "matrix_1_dim": 4, "matrix_2_dim": 6}, (first, other)),
        ({"type": "bilinear", "matrix_1_dim": 4, "matrix_2_dim": 6, "use_input_biases": True}, (first, other)),
        (
            {"type": "bilinear", "matrix_1_dim": 4, "matrix_2_dim": 6, "label_dim": 3, "activation": "relu"},
            (first, other),
        ),
        ({"type": "linear", "tensor_1_dim": 4, "tensor_2_dim": 6, "activation": "sigmoid"}, (first, other)),
        ({"type": "linear", "tensor_1_dim": 4, "tensor_2_dim": 4, "combination": "x,y,x*y,y-x"}, (first, second)),
    ):
        add("MatrixAttention", config, *pair)
    size, lengths = {"input_size": 4, "hidden_size": 3}, mask_of((6, 2, 4, 5), 6)
    for base in ("Seq2SeqEncoder", "Seq2VecEncoder"):
        for config in (
            {"type": "augmented_lstm"},
            {"type": "augmented_lstm", "go_forward": False, "use_highway": False, "use_input_projection_bias": False},
            {"type": "alternating_lstm", "num_layers": 3},
            {"type": "stacked_bidirectional_lstm", "num_layers": 2},
            {"type": "stacked_bidirectional_lstm", "num_layers": 1, "use_highway": False},
        ):
            if base == "Seq2SeqEncoder" or config["type"] != "augmented_lstm":  # which AllenNLP cannot run
                add(base, {**config, **size}, wave(4, 6, 4), lengths)
    return records
