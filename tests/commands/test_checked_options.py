"""Wrong values of the house's components that `check` finds, each with its place."""

import pytest

from foldformer.config import check
from foldformer.data import DatasetReader
from foldformer.data.data_loaders import DataLoader
from foldformer.models import Model, TokenEmbedder
from foldformer.nn import FeedForward, InitializerApplicator, Seq2SeqEncoder, Seq2VecEncoder
from foldformer.text import Tokenizer
from foldformer.training import LearningRateScheduler, Optimizer, Trainer

SIZES = {"input_size": 2, "hidden_size": 2}
TAGGER = {"text_field_embedder": {"token_embedders": {}}, "encoder": {"type": "pass_through", "input_dim": 2}}
BERT = {"type": "pretrained_transformer", "model_name": "nowhere"}
CASES = [
    (DataLoader, {"batch_size": 0}, ["batch_size"]),
    (DataLoader, {"batch_size": 2, "num_workers": -1}, ["num_workers"]),
    (DataLoader, {}, ["batch_size"]),
    (DataLoader, {"batch_size": 4, "max_instances_in_memory": 3}, ["max_instances_in_memory"]),
    (DataLoader, {"batch_sampler": {"type": "bucket", "batch_size": 0}}, ["batch_sampler.batch_size"]),
    (
        DataLoader,
        {"batch_sampler": {"type": "bucket", "batch_size": 2}, "shuffle": True, "batch_size": 2},
        ["batch_size", "shuffle"],
    ),
    (DatasetReader, {"type": "text_classification_json", "max_instances": -1}, ["max_instances"]),
    (DatasetReader, {"type": "text_classification_json", "segment_sentences": True}, ["segment_sentences"]),
    (DatasetReader, {"type": "conll2003", "coding_scheme": "BMES"}, ["coding_scheme"]),
    (
        DatasetReader,
        {"type": "conll2003", "coding_scheme": "IOB1", "convert_to_coding_scheme": "BIOUL"},
        ["coding_scheme"],
    ),
    (DatasetReader, {"type": "ontonotes_ner", "domain_identifier": "pt"}, ["domain_identifier"]),
    (Seq2SeqEncoder, {"type": "lstm", **SIZES, "dropout": 1.5}, ["dropout"]),
    (Seq2SeqEncoder, {"type": "gru", **SIZES, "num_layers": 0}, ["num_layers"]),
    (Seq2VecEncoder, {"type": "rnn", **SIZES, "hidden_size": 0}, ["hidden_size"]),
    (InitializerApplicator, {"regexes": [["(", "zero"]]}, ["regexes.0.0"]),
    (Tokenizer, {"type": "character", "byte_encoding": "utf-99"}, ["byte_encoding"]),
    (Model, {"type": "simple_tagger", **TAGGER, "label_encoding": "BIOES"}, ["label_encoding"]),
    (Model, {"type": "simple_tagger", **TAGGER, "calculate_span_f1": True}, ["calculate_span_f1"]),
    (
        Model,
        {"type": "crf_tagger", **TAGGER, "constrain_crf_decoding": True, "weight_strategy": "lannoy"},
        ["constrain_crf_decoding", "weight_strategy"],
    ),
    (TokenEmbedder, {**BERT, "max_length": 0}, ["max_length"]),
    (TokenEmbedder, {**BERT, "cache_frozen": True}, ["cache_frozen"]),
    (TokenEmbedder, {**BERT, "type": "pretrained_transformer_mismatched", "cache_folder": "x"}, ["cache_folder"]),
    (Trainer, {"num_epochs": 0, "optimizer": "adam"}, ["num_epochs"]),
    (Trainer, {"no_grad": ["*"], "optimizer": "adam"}, ["no_grad.0"]),
    (Optimizer, {"type": "adam", "lr": -1, "betas": [0.9, 1]}, ["lr", "betas.1"]),
    (Optimizer, {"type": "sgd", "lr": 0.1, "nesterov": True}, ["nesterov"]),
    (
        Optimizer,
        {"type": "adam", "parameter_groups": [[["a"], {"lrr": 1, "lr": 1, "maximize": True}]]},
        ["parameter_groups.0.1.lrr"],
    ),
    (Seq2SeqEncoder, {"type": "pytorch_transformer", "input_dim": 6, "num_layers": 1}, ["num_attention_heads"]),
    (FeedForward, {"input_dim": 2, "num_layers": 2, "hidden_dims": [2], "activations": "relu"}, ["hidden_dims"]),
    (Optimizer, {"type": "adam", "parameter_groups": [[["("], {}]]}, ["parameter_groups.0.0.0"]),
    (
        Optimizer,
        {"type": "multi", "optimizers": {"a": "adam"}, "parameter_groups": [[["x"], {"optimizer_name": "b"}]]},
        ["optimizers", "parameter_groups.0.optimizer_name"],
    ),
    (LearningRateScheduler, {"type": "cosine", "t_initial": 0}, ["t_initial"]),
]
GIVEN = [
    *("vocab", "reader", "data_path", "model", "serialization_dir", "data_loader", "model_parameters", "optimizer"),
    "num_epochs",
]


@pytest.mark.parametrize(("base", "block", "paths"), CASES, ids=lambda each: str(each)[:60])
def test_a_wrong_value_is_found_without_building(base, block, paths):
    assert [problem.path for problem in check(base, block, given=GIVEN)] == paths
