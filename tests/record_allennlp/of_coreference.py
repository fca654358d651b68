"""Records of the model of coreference: configurations, an input with labels, and what comes out."""

import json

import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.models import Model
from formulas import fill, gradient_norms, plain, shapes

TOKENS = ["a", "b", "c", "d", "e"]
WORDS = [[2, 3, 4, 5, 6, 2, 3], [4, 2, 3, 6, 5, 0, 0]]
CLUSTERS = [[[(0, 0), (3, 4)], [(1, 2), (5, 6), (6, 6)]], [[(0, 1), (3, 3), (4, 4)]]]
WIDEST = 3


def coreference_records():
    spans, labels = [], []
    for words, clusters in zip(WORDS, CLUSTERS, strict=True):
        length = sum(word > 0 for word in words)
        every = [(i, j) for i in range(length) for j in range(i, min(i + WIDEST, length))]
        number = {span: place for place, cluster in enumerate(clusters) for span in cluster}
        spans.append([*every, *[(-1, -1)] * (18 - len(every))])
        labels.append([*(number.get(span, -1) for span in every), *[-1] * (18 - len(every))])
    batch = {"words": WORDS, "spans": spans, "labels": labels, "clusters": CLUSTERS}
    records = []
    for options in (
        {},
        {"max_antecedents": 4, "spans_per_word": 0.8},
        {"coarse_to_fine": True, "max_antecedents": 3},
        {"inference_order": 3, "coarse_to_fine": True},
    ):
        config = {
            "type": "coref",
            "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
            "context_layer": {"type": "lstm", "input_size": 4, "hidden_size": 3, "bidirectional": True},
            "mention_feedforward": {"input_dim": 18, "num_layers": 1, "hidden_dims": 5, "activations": "tanh"},
            "antecedent_feedforward": {"input_dim": 56, "num_layers": 1, "hidden_dims": 5, "activations": "tanh"},
            "feature_size": 2,
            "max_span_width": WIDEST,
            "spans_per_word": 1.2,
            "max_antecedents": 6,
            **options,
        }
        written = json.loads(json.dumps(config))  # from_params empties what it is given
        vocab = Vocabulary(tokens_to_add={"tokens": TOKENS})
        model = fill(Model.from_params(Params(config), vocab=vocab))
        text = {"tokens": {"tokens": torch.tensor(WORDS)}}
        metadata = [{"clusters": each, "original_text": []} for each in CLUSTERS]
        output = model(text, torch.tensor(spans), torch.tensor(labels), metadata)
        gradients = gradient_norms(model, output["loss"])
        readable = model.make_output_human_readable(dict(output))
        records.append(
            {
                "config": written,
                "shapes": shapes(model),
                "gradients": gradients,
                "loss": plain(output["loss"]),
                "top_spans": plain(output["top_spans"]),
                "antecedents": plain(output["predicted_antecedents"]),
                "clusters": plain(readable["clusters"]),
                "metrics": plain(model.get_metrics(reset=True)),
            }
        )
    return {"tokens": TOKENS, "batch": plain(batch), "records": records}
