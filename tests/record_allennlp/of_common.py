"""Records of functions of `allennlp.common`, of losses and of Viterbi decoding: arguments and answers."""

import importlib

import torch

INFINITY = 1e9  # stands for what a path cannot do; JSON has no infinities


def written(value):
    """As JSON: a tensor becomes its dtype and its values."""
    if isinstance(value, torch.Tensor):
        return {"dtype": str(value.dtype).removeprefix("torch."), "values": value.tolist()}
    if isinstance(value, dict):
        return {"items": {key: written(item) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        return [written(item) for item in value]
    return value


def case(path, *args, **kwargs):
    module, _, name = path.rpartition(".")
    record = {"name": path, "args": written(args), "kwargs": written(kwargs)["items"]}
    return {**record, "result": written(getattr(importlib.import_module(module), name)(*args, **kwargs))}


def numbers(*shape):
    return torch.randn(shape).mul(100).round() / 100


def loss_cases(util):
    logits, targets = numbers(3, 4, 2), torch.tensor([[0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    weights = torch.tensor([[1, 1, 1, 0], [0.5, 1, 0, 0], [0, 0, 0, 0]])
    options = [{"gamma": 2.0}, {"alpha": 0.7}, {"alpha": [0.3, 2.0]}, {"gamma": 1.0, "alpha": 0.2}]
    return [
        case(f"{util}sequence_cross_entropy_with_logits", logits, targets, weights, average=average, **option)
        for average in ("batch", "token", None)
        for option in options
    ]


def viterbi_cases(util):
    """Without transitions at the ends: with them, AllenNLP's scores and all but the best path are off."""
    transitions = numbers(3, 3)
    transitions[0, 2] = -INFINITY
    records = [case(f"{util}viterbi_decode", numbers(5, 3), transitions, top_k=4)]
    records += [case(f"{util}viterbi_decode", numbers(1, 3), transitions, top_k=5)]
    for record in records:
        paths, scores = record["result"]
        plain = [[tag["values"] if isinstance(tag, dict) else tag for tag in path] for path in paths]
        record["result"] = [plain, scores]
    return records


def common_cases():
    util = "allennlp.common.util."
    cases = [
        case(f"{util}pad_sequence_to_length", [1, 2, 3], 5),
        case(f"{util}pad_sequence_to_length", [1, 2, 3], 5, padding_on_right=False),
        case(f"{util}pad_sequence_to_length", [1, 2, 3], 2),
        case(f"{util}pad_sequence_to_length", [1, 2, 3], 2, padding_on_right=False),
        case(f"{util}group_by_count", [1, 2, 3, 4, 5, 6, 7], 3, 20),
        case(f"{util}ensure_list", [1, 2]),
        case(f"{util}namespace_match", "*tags", "pos_tags"),
        case(f"{util}namespace_match", "tags", "pos_tags"),
        case(f"{util}sanitize", {"a": [torch.tensor([1.5, 2.0]), None, {"b": True}, "c", 3]}),
        *(case(f"{util}sanitize_wordpiece", word) for word in ("##ing", "Ġthe", "▁the", "the")),
    ]
    spans = "allennlp.data.dataset_readers.dataset_utils.span_utils."
    words = ["the", "quick", "brown", "fox"]
    return [
        *cases,
        case(f"{spans}enumerate_spans", words),
        case(f"{spans}enumerate_spans", words, offset=20, max_span_width=3, min_span_width=2),
        case(f"{spans}iob1_to_bioul", ["I-A", "I-A", "B-A", "O", "I-B"]),
    ]


def common_records():
    torch.manual_seed(20)
    util = "allennlp.nn.util."
    return [*loss_cases(util), *viterbi_cases(util), *common_cases()]
