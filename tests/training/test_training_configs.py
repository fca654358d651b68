"""Every file in `training_configs/` that trains does so on a few lines of data."""

import json
from pathlib import Path

import pytest

from foldformer.config import Experiment, Params, check
from foldformer.training.experiment_checks import problems_of_experiment
from tests.record_allennlp.tiny_elmo import write_tiny_elmo

CONFIGS = Path(__file__).parents[2] / "training_configs"
WORDS = ["The", "quick", "fox", "jumps", "over", "Paris", "."]
CONLLU = "".join(f"{n}\t{word}\t_\t{tag}\t_\t_\t0\t_\t_\t_\n" for n, (word, tag) in enumerate(
    zip(WORDS, ["DET", "ADJ", "NOUN", "VERB", "ADP", "PROPN", "PUNCT"], strict=True), start=1)) + "\n"  # fmt: skip
TREES = CONLLU.replace("\t0\t_\t", "\t4\tdep\t").replace("VERB\t_\t_\t4\tdep", "VERB\t_\t_\t0\troot")
ROLES = "".join(f"d 0 {n} {word} X * - - - - * {role} -\n" for n, (word, role) in enumerate(
    zip(WORDS, ["(A0*", "*", "*)", "(V*)", "(A1*", "*)", "*"], strict=True))) + "\n"  # fmt: skip
CONLL = "".join(f"{word} NN O {tag}\n" for word, tag in zip(WORDS, ["O"] * 5 + ["B-LOC", "O"], strict=True)) + "\n"


def json_lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


TEXTS = json_lines({"text": "the quick fox " * (number + 1), "label": "ab"[number % 2]} for number in range(6))
PAIRS = json_lines(
    {"sentence1": "A fox jumps.", "sentence2": "It moves.", "gold_label": label}
    for label in ("entailment", "neutral", "contradiction", "-", "entailment")
)
DATA = {
    "text_classification": {"train.jsonl": TEXTS, "dev.jsonl": TEXTS},
    "long_documents": {"train.jsonl": TEXTS, "dev.jsonl": TEXTS},
    "nli": {"train.jsonl": PAIRS, "dev.jsonl": PAIRS},
    "bimpm": {"train.jsonl": PAIRS, "dev.jsonl": PAIRS},
    "pos_tagging": {"train.conllu": CONLLU * 3, "dev.conllu": CONLLU},
    "elmo_tagging": {"train.conllu": CONLLU * 3, "dev.conllu": CONLLU},
    "dependency_parsing": {"train.conllu": TREES * 3, "dev.conllu": TREES},
    "semantic_roles": {"train.gold_conll": ROLES * 3, "dev.gold_conll": ROLES},
    "frozen_features": {"train.conllu": CONLLU * 3, "dev.conllu": CONLLU},
    "multitask": {f"{task}{part}.jsonl": TEXTS for task in ("mood", "topic") for part in ("", "_dev")},
    "ner_crf": {"train.conll": CONLL * 3, "dev.conll": CONLL},
}


@pytest.mark.parametrize("name", DATA)
def test_training_config_passes_check_and_trains(name, tiny_model, tmp_path, train):
    for file, content in DATA[name].items():
        (tmp_path / file).write_text(content)
    variables = {"MODEL_NAME": tiny_model("bert"), "DATA": str(tmp_path), "MODEL_DIM": "32"}
    if name == "elmo_tagging":
        write_tiny_elmo(tmp_path)
        variables["MODEL_DIM"] = "6"
    params = Params.from_file(CONFIGS / f"{name}.jsonnet", ext_vars=variables)
    assert check(Experiment, params) == []
    assert problems_of_experiment(params.as_dict(quiet=True)) == []
    data = params.as_dict(quiet=True)
    data["trainer"].update(cuda_device=-1, num_epochs=2, enable_default_callbacks=False)
    metrics = train(data, tmp_path / "out")
    assert metrics["epoch"] == 1
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["best_validation_loss"] > 0
    assert (tmp_path / "out" / "model.tar.gz").is_file()
