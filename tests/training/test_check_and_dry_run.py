"""What `check` passes, `train --dry-run` passes too: values of a file are changed at random, and both are asked.

Left alone are the values that are wrong only beside what is in the data or in other files, which `check` does not open.
"""

import copy
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from foldformer.commands import app

NUMBERS = (-1, 0, 1, 2, 5, 0.5, 1.5, -0.5, 1e-3)
OTHERS = (True, False, None, "", "BIO", "BIOES", "lstm", "(", [], {}, ["a"], [0, 1], {"type": "adam"})
KEYS = {
    "dataset_reader": ("max_sequence_length", "segment_sentences", "tokenizer", "token_indexers", "lazy"),
    "data_loader": (
        *("batch_size", "batches_per_epoch", "num_workers", "max_instances_in_memory"),
        *("shuffle", "drop_last", "batch_sampler", "start_method"),
    ),
    "model": ("dropout", "feedforward", "initializer", "seq2seq_encoder", "verbose_metrics"),
    "model.seq2vec_encoder": ("type", "averaged", "dropout"),
    "trainer": (
        *("num_epochs", "patience", "validation_metric", "grad_norm", "grad_clipping", "no_grad", "use_amp"),
        *("num_gradient_accumulation_steps", "callbacks", "checkpointer", "moving_average"),
        *("learning_rate_scheduler", "momentum_scheduler", "run_confidence_checks"),
    ),
    "trainer.optimizer": ("type", "lr", "betas", "eps", "weight_decay", "parameter_groups", "momentum"),
    "": (
        *("evaluate_on_test", "datasets_for_vocab_creation", "unseen_labels", "include_in_archive"),
        *("random_seed", "pytorch_seed", "test_data_path_", "distributed", "vocabulary"),
    ),
}
PLACES = [(block, key) for block, keys in KEYS.items() for key in keys]
CHANGES = st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(NUMBERS + OTHERS)), min_size=1, max_size=2)


@pytest.fixture
def small(config):
    """The experiment without a transformer, which is made at once."""
    config["dataset_reader"] = {"type": "text_classification_json"}
    embedder = {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}}
    encoder = {"type": "bag_of_embeddings", "embedding_dim": 4}
    config["model"] = {"type": "basic_classifier", "text_field_embedder": embedder, "seq2vec_encoder": encoder}
    config["trainer"]["optimizer"] = {"type": "adam"}
    return config


def changed(config, changes):
    config = copy.deepcopy(config)
    for (block, key), value in changes:
        holder = config
        for name in filter(None, block.split(".")):
            holder = holder[name]
        holder[key] = copy.deepcopy(value)
    return config


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
@example(changes=[(("data_loader", "batch_sampler"), {"type": "bucket", "batch_size": 2})])
@example(changes=[(("data_loader", "batch_size"), None)])
@example(changes=[(("trainer.optimizer", "parameter_groups"), [[["a"], {"rate": 1}]])])
@example(changes=[(("", "include_in_archive"), ["../secret"])])
def test_a_file_that_check_passes_can_be_made(small, tmp_path, changes):
    file = tmp_path / "experiment.json"
    try:
        file.write_text(json.dumps(changed(small, changes)))
    except (TypeError, KeyError):
        return  # the first change took away what the second one changes
    checked = CliRunner().invoke(app, ["check", str(file), "--format", "json"])
    made = CliRunner().invoke(app, ["train", str(file), "--dry-run"])
    assert (checked.exit_code == 0) == (made.exit_code == 0), (changes, made.output, made.exception)
