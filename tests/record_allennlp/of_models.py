"""Records of classifiers and taggers."""

import torch
from allennlp.models import Model
from formulas import SCHEMES, build, fill, gradient_norms, make_vocabulary, plain, random_tags, shapes, vocabulary
from of_embedders import text_field


def model_record(config, tensors, gold, tokens, metadata=None):
    model = build(Model, config, vocab=make_vocabulary(tokens))
    fill(model)
    name = "label" if config["type"] == "basic_classifier" else "tags"
    output = model(tensors, **{name: gold}, **({"metadata": metadata} if metadata else {}))
    gradients = gradient_norms(model, output["loss"])
    readable = model.make_output_human_readable(dict(output))
    return {
        "config": config,
        "vocabulary": tokens,
        "tensors": plain(tensors),
        "gold": plain(gold),
        "metadata": metadata,
        "state": shapes(model),
        "output": plain(output),
        "readable": plain({key: value for key, value in readable.items() if key not in output or key == "tags"}),
        "metrics": plain(model.get_metrics(reset=True)),
        "gradient_norms": gradients,
    }


def model_records():
    embedder = {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}}
    lstm = {"type": "lstm", "input_size": 4, "hidden_size": 3, "bidirectional": True}
    dense = {"num_layers": 1, "hidden_dims": 5, "activations": "relu"}
    classifier = {"type": "basic_classifier", "text_field_embedder": embedder}
    boe = {"type": "boe", "embedding_dim": 4, "averaged": True}
    fields, label = text_field(), torch.tensor([2, 0, 1])
    records = [
        model_record({**classifier, "seq2vec_encoder": boe}, fields, label, vocabulary()),
        model_record(
            {
                **classifier,
                "seq2seq_encoder": lstm,
                "seq2vec_encoder": {"type": "gru", "input_size": 6, "hidden_size": 3},
                "feedforward": {"input_dim": 3, **dense},
                "dropout": 0.3,
                "num_labels": 4,
                "initializer": {"regexes": [[".*bias", "zero"]]},
            },
            fields,
            label,
            vocabulary(),
        ),
    ]
    words = [{"words": [f"word{place}" for place in range(5)]}] * 3
    for scheme, labels in SCHEMES.items():
        tokens, tags = vocabulary(labels), random_tags(scheme, 3, 5, seed=2)
        tagger = {"text_field_embedder": embedder, "encoder": lstm}
        crf = {**tagger, "type": "crf_tagger", "label_encoding": scheme}
        records.append(model_record({**crf, "verbose_metrics": True}, fields, tags, tokens, words))
        records.append(model_record({**crf, "include_start_end_transitions": False, "top_k": 2}, fields, tags, tokens))
        if scheme in ("BIO", "IOB1"):
            simple = {**tagger, "type": "simple_tagger", "label_encoding": scheme}
            records.append(model_record(simple, fields, tags, tokens, words))
            records.append(model_record({**simple, "verbose_metrics": True}, fields, tags, tokens))
    parts = {"text_field_embedder": embedder, "encoder": {"type": "pass_through", "input_dim": 4}}
    tokens, tags = vocabulary(["NOUN", "VERB", "O"]), (torch.arange(15).view(3, 5) * 2) % 3
    records.append(model_record({"type": "simple_tagger", **parts}, fields, tags, tokens))
    full = {"type": "crf_tagger", **parts, "feedforward": {"input_dim": 4, **dense}, "dropout": 0.2}
    records.append(model_record({**full, "verbose_metrics": True}, fields, tags, tokens))
    for strategy in (None, "emission", "emission_transition", "lannoy"):
        weights = {"label_weights": {"VERB": 3.0}, "weight_strategy": strategy}
        records.append(model_record({"type": "crf_tagger", **parts, **weights}, fields, tags, tokens))
    return records
