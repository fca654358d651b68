"""Records of the biaffine parser: configurations, sentences with trees, and what comes out."""

import json

import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.models import Model
from formulas import fill, gradient_norms, plain, shapes

VOCABULARY = {
    "tokens": ["a", "b", "c", "d", "e"],
    "pos": ["NOUN", "VERB", "PUNCT"],
    "head_tags": ["nsubj", "root", "obj", "punct"],
}
BATCH = {
    "words": [[2, 3, 4, 5, 6], [4, 2, 3, 0, 0], [6, 5, 4, 3, 0]],
    "pos_tags": [[2, 3, 2, 2, 4], [3, 2, 4, 0, 0], [2, 2, 3, 2, 0]],
    "head_tags": [[0, 1, 2, 2, 3], [1, 2, 3, 0, 0], [0, 0, 1, 2, 0]],
    "head_indices": [[2, 0, 2, 3, 2], [0, 1, 1, 0, 0], [3, 1, 0, 3, 0]],
}
LAYERS = {"input_dim": 6, "num_layers": 2, "hidden_dims": 5, "activations": "tanh"}
OPTIONS = (
    {},
    {"use_mst_decoding_for_validation": False},
    {"tag_feedforward": LAYERS, "arc_feedforward": {**LAYERS, "hidden_dims": [3, 4]}},
    {"pos_tag_embedding": {"embedding_dim": 2, "vocab_namespace": "pos"}, "encoder": {"input_size": 6}},
)


def parsing_records():
    metadata = [{"words": [], "pos": []}] * 3
    records = []
    for options in OPTIONS:
        encoder = {"type": "lstm", "input_size": 4, "hidden_size": 3, "bidirectional": True}
        config = {
            "type": "biaffine_parser",
            "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
            "tag_representation_dim": 5,
            "arc_representation_dim": 4,
            **options,
            "encoder": {**encoder, **options.get("encoder", {})},
        }
        written = json.loads(json.dumps(config))  # from_params empties what it is given
        vocab = Vocabulary(tokens_to_add=VOCABULARY)
        model = fill(Model.from_params(Params(config), vocab=vocab))
        fields = {name: torch.tensor(rows) for name, rows in BATCH.items() if name != "words"}
        text = {"tokens": {"tokens": torch.tensor(BATCH["words"])}}
        output = model(words=text, metadata=metadata, **fields)
        alone = model(words=text, metadata=metadata, pos_tags=fields["pos_tags"])
        gradients = gradient_norms(model, output["loss"])
        metrics = model.get_metrics(reset=True)
        records.append(
            {
                "config": written,
                "shapes": shapes(model),
                "gradients": gradients,
                "losses": {name: plain(output[name]) for name in ("arc_loss", "tag_loss", "loss")},
                "loss_of_found": plain(alone["loss"]),
                "heads": plain(output["heads"].long()),
                "head_tags": plain(output["head_tags"].long()),
                "readable": {
                    name: plain(value)
                    for name, value in model.make_output_human_readable(dict(output)).items()
                    if name == "predicted_dependencies"
                },
                "metrics": plain(metrics),
            }
        )
    return {"vocabulary": VOCABULARY, "batch": BATCH, "records": records}
