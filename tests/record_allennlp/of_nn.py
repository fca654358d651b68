"""Records of encoders, the CRF, activations, losses, initializers and regularizers."""

import torch
from allennlp.modules import FeedForward, Seq2SeqEncoder
from allennlp.modules.conditional_random_field import (
    ConditionalRandomField,
    ConditionalRandomFieldWeightEmission,
    ConditionalRandomFieldWeightLannoy,
    ConditionalRandomFieldWeightTrans,
)
from allennlp.modules.conditional_random_field.conditional_random_field import allowed_transitions
from allennlp.nn import Activation, InitializerApplicator, RegularizerApplicator
from allennlp.nn.util import sequence_cross_entropy_with_logits
from formulas import BASES, SCHEMES, build, fill, gradient_norms, mask_of, plain, shapes, wave


def encoder_record(base, config, shape=(4, 6, 4), lengths=(6, 3, 1, 4)):
    module = fill(build(BASES[base], config))
    vectors, mask = wave(*shape), mask_of(lengths, shape[1])
    output = module(vectors, mask)
    weighted = output * wave(*output.shape, start=7)
    if output.dim() == 3:
        weighted = weighted * mask.unsqueeze(-1)
    return {
        "base": base,
        "config": config,
        "shape": list(shape),
        "lengths": list(lengths),
        "state": shapes(module),
        "dims": [module.get_input_dim(), module.get_output_dim()],
        "output": plain(output),
        "gradient_norms": gradient_norms(module, weighted.sum()) if list(module.parameters()) else {},
    }


def encoder_records():
    rnn = {"input_size": 4, "hidden_size": 3}
    deep = {**rnn, "num_layers": 2, "bidirectional": True}
    transformer = {"type": "pytorch_transformer", "input_dim": 4, "num_layers": 2, "num_attention_heads": 2}
    transformer["feedforward_hidden_dim"] = 5
    dense = {"input_dim": 4, "num_layers": 2, "hidden_dims": [5, 3], "activations": ["relu", "tanh"]}
    vec = [
        {"type": "boe", "embedding_dim": 4},
        {"type": "bag_of_embeddings", "embedding_dim": 4, "averaged": True},
        {"type": "cls_pooler", "embedding_dim": 4},
        {"type": "cls_pooler", "embedding_dim": 4, "cls_is_last_token": True},
        {"type": "cnn", "embedding_dim": 4, "num_filters": 2},
        {"type": "cnn", "embedding_dim": 4, "num_filters": 3, "ngram_filter_sizes": [1, 2], "output_dim": 5},
        {"type": "cnn", "embedding_dim": 4, "num_filters": 3, "conv_layer_activation": "tanh"},
        *({"type": kind, **size} for kind in ("lstm", "gru", "rnn") for size in (rnn, deep)),
        {"type": "rnn", **rnn, "nonlinearity": "relu", "bias": False},
    ]
    seq = [
        {"type": "pass_through", "input_dim": 4},
        {"type": "feedforward", "feedforward": dense},
        *({"type": kind, **size} for kind in ("lstm", "gru", "rnn") for size in (rnn, deep)),
        transformer,
        {**transformer, "positional_encoding": "sinusoidal", "activation": "gelu"},
        {**transformer, "positional_encoding": "embedding", "positional_embedding_size": 9},
        {"type": "compose", "encoders": [{"type": "lstm", **rnn}, {"type": "gru", "input_size": 3, "hidden_size": 2}]},
    ]
    records = [encoder_record("Seq2VecEncoder", config) for config in vec]
    records += [encoder_record("Seq2SeqEncoder", config) for config in seq]
    return records


def empty_row_records():
    """Encoders that AllenNLP lets have rows without a real position."""
    rnn = {"input_size": 4, "hidden_size": 3, "bidirectional": True}
    configs = [("Seq2VecEncoder", {"type": "boe", "embedding_dim": 4, "averaged": True})]
    configs += [
        (base, {"type": kind, **rnn}) for base in ("Seq2VecEncoder", "Seq2SeqEncoder") for kind in ("lstm", "gru")
    ]
    configs += [("Seq2VecEncoder", {"type": "cnn", "embedding_dim": 4, "num_filters": 2})]
    return [encoder_record(base, config, lengths=(3, 0, 6, 2)) for base, config in configs]


def stateful_record():
    config = {"type": "lstm", "input_size": 4, "hidden_size": 3, "stateful": True}
    module = fill(build(Seq2SeqEncoder, config))
    batches = [(3, (4, 2, 3)), (2, (2, 4)), (4, (1, 0, 4, 2))]
    outputs = [plain(module(wave(rows, 4, 4, start=rows), mask_of(lengths, 4))) for rows, lengths in batches]
    return {"config": config, "batches": batches, "outputs": outputs}


def activation_records():
    names = [name for name in Activation.list_available() if name != "threshold"]
    x = torch.linspace(-4, 4, 17)
    return {"x": plain(x), "y": {name: plain(Activation.by_name(name)()(x)) for name in names}}


def crf_record(name, cls, options, mask, top_k=None):
    num_tags = 5
    crf = fill(cls(num_tags, **options))
    logits = 2 * wave(3, 6, num_tags)
    tags = (torch.arange(18).view(3, 6) * 7 + 3) % num_tags
    loss = crf(logits, tags, mask)
    return {
        "name": name,
        "class": cls.__name__,
        "options": plain(options),
        "mask": plain(mask),
        "state": shapes(crf),
        "log_likelihood": loss.item(),
        "gradient_norms": gradient_norms(crf, loss),
        "viterbi": plain(crf.viterbi_tags(logits, mask)),
        "top_3": plain(crf.viterbi_tags(logits, mask, top_k=3)),
    }


def crf_records():
    labels = dict(enumerate(SCHEMES["BIO"]))
    constraints = allowed_transitions("BIO", labels)
    weights = [0.5, 2.0, 1.0, 3.0, 0.25]
    full, ragged = mask_of((6, 6, 6), 6), mask_of((6, 1, 4), 6)
    holes = torch.tensor([[1, 0, 1, 1, 0, 1], [0, 1, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0]]).bool()
    plain_crf = ConditionalRandomField
    records = [
        crf_record("full", plain_crf, {}, full),
        crf_record("ragged", plain_crf, {}, ragged),
        crf_record("holes", plain_crf, {}, holes),
        crf_record("constrained", plain_crf, {"constraints": constraints}, ragged),
        crf_record("no start and end", plain_crf, {"include_start_end_transitions": False}, ragged),
        crf_record(
            "constrained, no start and end",
            plain_crf,
            {"constraints": constraints, "include_start_end_transitions": False},
            ragged,
        ),
    ]
    for cls in (
        ConditionalRandomFieldWeightEmission,
        ConditionalRandomFieldWeightTrans,
        ConditionalRandomFieldWeightLannoy,
    ):
        records.append(crf_record("weighted", cls, {"label_weights": weights}, ragged))
        options = {"label_weights": weights, "include_start_end_transitions": False, "constraints": constraints}
        records.append(crf_record("weighted, no start and end", cls, options, full))
    return records


def transition_records():
    unlabelled = {"BIO": ["O", "B", "I"], "BIOUL": ["B", "I", "L", "O", "U"], "BMES": ["B", "M", "E", "S"]}
    cases = [(scheme, labels) for labels_of in (SCHEMES, unlabelled) for scheme, labels in labels_of.items()]
    return [
        {"scheme": scheme, "labels": labels, "allowed": plain(allowed_transitions(scheme, dict(enumerate(labels))))}
        for scheme, labels in cases
    ]


def loss_records():
    logits, targets = wave(3, 4, 5), torch.arange(12).view(3, 4) % 5
    records = []
    for lengths in ((4, 2, 1), (4, 0, 3)):
        for average in ("batch", "token", None):
            for smoothing in (None, 0.2):
                loss = sequence_cross_entropy_with_logits(
                    logits, targets, mask_of(lengths, 4), average=average, label_smoothing=smoothing
                )
                record = {"lengths": lengths, "average": average, "label_smoothing": smoothing, "loss": plain(loss)}
                records.append(record)
    return records


def initializer_records():
    config = {
        "regexes": [
            ["_linear_layers.0.weight", {"type": "constant", "val": 0.5}],
            ["bias", "zero"],
            ["_linear_layers.*weight", "eye"],
        ],
        "prevent_regexes": ["_linear_layers.1.bias"],
    }
    feedforward = fill(FeedForward(3, 3, [4, 4, 2], torch.nn.ReLU()))
    build(InitializerApplicator, config)(feedforward)
    lstm = fill(torch.nn.LSTM(2, 3))
    build(InitializerApplicator, {"regexes": [["bias_hh", "lstm_hidden_bias"]]})(lstm)
    return [
        {"config": config, "values": plain(dict(feedforward.state_dict()))},
        {"config": {"regexes": [["bias_hh", "lstm_hidden_bias"]]}, "values": plain(dict(lstm.state_dict()))},
    ]


def regularizer_records():
    configs = [
        {"regexes": [["weight", {"type": "l1", "alpha": 0.3}], ["bias", "l2"]]},
        {"regexes": [["layers.1", {"type": "l2", "alpha": 2.0}], ["layers", {"type": "l1"}]]},
    ]
    module = fill(FeedForward(3, 2, [4, 2], torch.nn.ReLU()))
    module._linear_layers[0].bias.requires_grad_(False)
    return [
        {
            "config": config,
            "penalty": build(RegularizerApplicator, config)(module).item(),
        }
        for config in configs
    ]
