"""Record what AllenNLP 2.10.1 gives for the modules that Foldformer re-implements.

    PYTHON_WITH_ALLENNLP tests/record_allennlp

needs a Python that has allennlp==2.10.1 and allennlp-models==2.10.1 (the latter's folder may be given in
ALLENNLP_MODELS). Writes recorded.json in tests/nn, nn/elmo, nn/functions, nn/modules, models, models/metrics,
models/bimpm, models/coreference, models/parsing, models/semantic_roles, embedders and allennlp_bridge. Each record
holds everything a test needs to build the same module and to feed it: configuration, vocabulary, the shape of the
input, and AllenNLP's answers. Weights and inputs of modules are not recorded but follow formulas, see formulas.py.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path

import torch
from of_beam_search import beam_search_records
from of_bimpm import bimpm_records
from of_common import common_records
from of_coreference import coreference_records
from of_elmo import elmo_records
from of_embedders import embedder_records
from of_functions import function_records
from of_metrics import batch_records, conversion_records, metric_records, span_records
from of_models import model_records
from of_modules import module_records
from of_nn import (
    activation_records,
    crf_records,
    empty_row_records,
    encoder_records,
    initializer_records,
    loss_records,
    regularizer_records,
    stateful_record,
    transition_records,
)
from of_parsing import parsing_records
from of_semantic_roles import semantic_role_records

TESTS = Path(__file__).parents[1]
MODELS = (
    "allennlp_models.coref.models.coref",
    "allennlp_models.pair_classification.models.bimpm",
    "allennlp_models.structured_prediction.models.biaffine_dependency_parser",
    "allennlp_models.structured_prediction.models.srl_bert",
)


def load(path):
    """Import one module of allennlp-models: its packages ask for more than is needed here."""
    folder = Path(os.environ.get("ALLENNLP_MODELS", next(path for path in sys.path if "site-packages" in path)))
    file = folder / "allennlp_models" / path
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def write(area, records):
    file = TESTS / area / "recorded.json"

    def rounded(value):
        if isinstance(value, float):
            return round(value, 7)
        if isinstance(value, dict):
            return {key: rounded(item) for key, item in value.items()}
        return [rounded(item) for item in value] if isinstance(value, (list, tuple)) else value

    file.write_text(json.dumps(rounded(records), sort_keys=True, separators=(",", ":")) + "\n")
    print(file, file.stat().st_size)


def main():
    torch.set_num_threads(1)
    load("tagging/models/crf_tagger.py")
    sys.path.append(os.environ.get("ALLENNLP_MODELS", ""))
    for each in MODELS:
        importlib.import_module(each)
    write(
        "nn",
        {
            "encoders": encoder_records(),
            "empty_rows": empty_row_records(),
            "stateful": stateful_record(),
            "activations": activation_records(),
            "crf": crf_records(),
            "transitions": transition_records(),
            "losses": loss_records(),
            "initializers": initializer_records(),
            "regularizers": regularizer_records(),
            "beam_search": beam_search_records(),
        },
    )
    write(
        "models",
        {
            "models": model_records(),
            "metrics": metric_records(),
            "spans": span_records(),
            "to_bioul": conversion_records(),
        },
    )
    write("nn/modules", module_records())
    write("nn/elmo", elmo_records())
    write("nn/functions", function_records())
    write("models/bimpm", bimpm_records())
    write("models/coreference", coreference_records())
    write("models/metrics", batch_records())
    write("models/parsing", parsing_records())
    write("models/semantic_roles", semantic_role_records())
    write("embedders", embedder_records())
    write("allennlp_bridge", common_records())


if __name__ == "__main__":
    main()
