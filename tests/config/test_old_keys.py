"""Keys of AllenNLP 0.x and 1.x become today's, each with a warning."""

import copy
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foldformer.config import Experiment, Params, check
from foldformer.config.old_keys import upgraded
from foldformer.config.old_keys.table import TABLE

BUCKET = {"batch_sampler": {"type": "bucket", "batch_size": 8}}
KEPT = {"type": "pretrained_transformer", "model_name": "bert"}
MISMATCHED = {"type": "pretrained_transformer_mismatched", "model_name": "bert"}
ONE_MODEL = {"model": {"text_field_embedder": {"token_embedders": {"bert": {}}}}}

CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("iterator", {"iterator": "basic"}, {"data_loader": {"batch_size": 32, "shuffle": True}}),
    (
        "iterator",
        {
            "iterator": {
                "type": "bucket",
                "batch_size": 8,
                "sorting_keys": [["text", "num_tokens"], ["text", "num_characters"], ["title", "num_tokens"]],
                "padding_noise": 0,
                "max_instances_in_memory": 100,
                "instances_per_epoch": 20,
                "skip_smaller_batches": True,
                "biggest_batch_first": True,
            }
        },
        {
            "data_loader": {
                "batch_sampler": {
                    "type": "bucket",
                    "batch_size": 8,
                    "padding_noise": 0,
                    "sorting_keys": ["text", "title"],
                    "drop_last": True,
                },
                "max_instances_in_memory": 100,
                "batches_per_epoch": 3,
            }
        },
    ),
    (
        "iterator",
        {"iterator": {"type": "bucket", "sorting_keys": [["s", "x"]], "maximum_samples_per_batch": ["x", 1000]}},
        {"data_loader": {"batch_sampler": {"type": "max_tokens_sampler", "max_tokens": 1000, "sorting_keys": ["s"]}}},
    ),
    (
        "iterator",
        {"iterator": {"type": "multiprocess", "base_iterator": {"batch_size": 3}, "num_workers": 2}},
        {"data_loader": {"batch_size": 3, "shuffle": True, "num_workers": 2}},
    ),
    (
        "iterator",
        {"iterator": {"type": "basic", "batch_size": 2, "track_epoch": True}, "trainer": {"callbacks": ["a"]}},
        {"data_loader": {"batch_size": 2, "shuffle": True}, "trainer": {"callbacks": ["a", "track_epoch_callback"]}},
    ),
    ("validation_iterator", {"validation_iterator": {"batch_size": 4}}, {"validation_data_loader": {"batch_size": 4}}),
    (
        "vocabulary.directory_path",
        {"vocabulary": {"directory_path": "v"}},
        {"vocabulary": {"directory": "v", "type": "from_files"}},
    ),
    (
        "vocabulary.directory_path",
        {"vocabulary": {"directory_path": "v", "extend": True}},
        {"vocabulary": {"directory": "v", "type": "extend"}},
    ),
    ("trainer.type", {"trainer": {"type": "default"}}, {"trainer": {"type": "gradient_descent"}}),
    (
        "trainer.shuffle",
        {"trainer": {"shuffle": False}, "data_loader": {"batch_size": 2}},
        {"trainer": {}, "data_loader": {"batch_size": 2, "shuffle": False}},
    ),
    (
        "trainer.shuffle",
        {"trainer": {"shuffle": False}, "data_loader": BUCKET},
        {"trainer": {}, "data_loader": {"batch_sampler": {"type": "bucket", "batch_size": 8, "shuffle": False}}},
    ),
    (
        "trainer.cuda_device",
        {"trainer": {"cuda_device": [0, 1]}},
        {"trainer": {}, "distributed": {"cuda_devices": [0, 1]}},
    ),
    ("trainer.cuda_device", {"trainer": {"cuda_device": [2]}}, {"trainer": {"cuda_device": 2}}),
    ("trainer.opt_level", {"trainer": {"opt_level": "O1"}}, {"trainer": {"use_amp": True}}),
    ("trainer.opt_level", {"trainer": {"opt_level": None}}, {"trainer": {"use_amp": False}}),
    (
        "trainer.tensorboard_writer",
        {"trainer": {"tensorboard_writer": {"histogram_interval": 5, "summary_interval": 1}, "callbacks": ["a"]}},
        {"trainer": {"callbacks": ["a", {"type": "tensorboard", "distribution_interval": 5, "summary_interval": 1}]}},
    ),
    ("trainer.tensorboard_writer", {"trainer": {"tensorboard_writer": "null"}}, {"trainer": {}}),
    (
        "trainer.tensorboard_writer",
        {"trainer": {"tensorboard_writer": {}, "callbacks": None}},
        {"trainer": {"callbacks": [{"type": "tensorboard"}]}},
    ),
    *(
        (f"trainer.{old}", {"trainer": {old: 7}}, {"trainer": {"callbacks": [{"type": "tensorboard", new: 7}]}})
        for old, new in [
            ("summary_interval", "summary_interval"),
            ("histogram_interval", "distribution_interval"),
            ("should_log_parameter_statistics", "should_log_parameter_statistics"),
            ("should_log_learning_rate", "should_log_learning_rate"),
            ("log_batch_size_period", "batch_size_interval"),
        ]
    ),
    *(
        (f"trainer.{old}", {"trainer": {"callbacks": ["a"], old: ["b"]}}, {"trainer": {"callbacks": ["a", "b"]}})
        for old in ("epoch_callbacks", "batch_callbacks", "end_callbacks", "trainer_callbacks")
    ),
    (
        "trainer.callbacks.*.tensorboard_writer",
        {"trainer": {"callbacks": [{"type": "tensorboard", "tensorboard_writer": {"summary_interval": 3}}]}},
        {"trainer": {"callbacks": [{"type": "tensorboard", "summary_interval": 3}]}},
    ),
    (
        "trainer.callbacks.*.histogram_interval",
        {"trainer": {"callbacks": [{"type": "wandb", "histogram_interval": 3}]}},
        {"trainer": {"callbacks": [{"type": "wandb", "distribution_interval": 3}]}},
    ),
    (
        "trainer.num_serialized_models_to_keep",
        {"trainer": {"num_serialized_models_to_keep": 3}},
        {"trainer": {"checkpointer": {"keep_most_recent_by_count": 3}}},
    ),
    (
        "trainer.model_save_interval",
        {"trainer": {"model_save_interval": 60, "checkpointer": {"keep_most_recent_by_count": 1}}},
        {"trainer": {"checkpointer": {"keep_most_recent_by_count": 1, "save_every_num_seconds": 60}}},
    ),
    (
        "trainer.keep_serialized_model_every_num_seconds",
        {"trainer": {"keep_serialized_model_every_num_seconds": 60}},
        {"trainer": {}},
    ),
    (
        "trainer.optimizer.type",
        {"trainer": {"optimizer": {"type": "bert_adam", "lr": 2e-5, "b1": 0.8, "t_total": -1, "max_grad_norm": 1}}},
        {
            "trainer": {
                "optimizer": {
                    "type": "huggingface_adamw",
                    "lr": 2e-5,
                    "correct_bias": False,
                    "eps": 1e-6,
                    "weight_decay": 0.01,
                    "betas": [0.8, 0.999],
                }
            }
        },
    ),
    *(
        (
            "trainer.checkpointer.num_serialized_models_to_keep",
            {"trainer": {"checkpointer": {"num_serialized_models_to_keep": old}}},
            {"trainer": {"checkpointer": {"keep_most_recent_by_count": new}}},
        )
        for old, new in [(2, 2), (-1, None), (None, None)]
    ),
    (
        "trainer.checkpointer.model_save_interval",
        {"trainer": {"checkpointer": {"model_save_interval": 60}}},
        {"trainer": {"checkpointer": {"save_every_num_seconds": 60}}},
    ),
    (
        "trainer.checkpointer.keep_serialized_model_every_num_seconds",
        {"trainer": {"checkpointer": {"keep_serialized_model_every_num_seconds": 60}}},
        {"trainer": {"checkpointer": {}}},
    ),
    (
        "*data_loader.type",
        {"validation_data_loader": {"type": "pytorch_dataloader", "batch_size": 2}},
        {"validation_data_loader": {"batch_size": 2}},
    ),
    *(
        ("*data_loader.sampler", {"data_loader": {"sampler": old}}, {"data_loader": {"shuffle": new}})
        for old, new in [
            ("random", True),
            ({"type": "sequential"}, False),
            ({"type": "random", "num_samples": None}, True),
        ]
    ),
    (
        "*data_loader.multiprocessing_context",
        {"data_loader": {"multiprocessing_context": "spawn"}},
        {"data_loader": {"start_method": "spawn"}},
    ),
    *(
        (f"*data_loader.{old}", {"data_loader": {old: True, "batch_size": 2}}, {"data_loader": {"batch_size": 2}})
        for old in ("pin_memory", "timeout", "worker_init_fn")
    ),
    *(
        (
            "*data_loader.batch_sampler.type",
            {"data_loader": {"batch_sampler": {"type": "basic", "sampler": old, "batch_size": 2, "drop_last": True}}},
            {"data_loader": {"batch_sampler": {"type": old, "batch_size": 2, "drop_last": True}}},
        )
        for old in ("random", "sequential")
    ),
    (
        "*data_loader.batch_sampler.sorting_keys",
        {"data_loader": {"batch_sampler": {"type": "bucket", "sorting_keys": [["text", "tokens___tokens"]]}}},
        {"data_loader": {"batch_sampler": {"type": "bucket", "sorting_keys": ["text"]}}},
    ),
    (
        "*dataset_reader.type",
        {"dataset_reader": {"type": "universal_dependencies"}, "model": {"type": "biaffine_parser"}},
        {
            "dataset_reader": {"type": "universal_dependencies", "dependencies": True},
            "model": {"type": "biaffine_parser"},
        },
    ),
    (
        "*dataset_reader.type",
        {
            "dataset_reader": {"type": "multiprocess", "base_reader": "snli", "num_workers": 3, "output_queue_size": 9},
            "data_loader": {"batch_size": 2},
        },
        {
            "dataset_reader": {"type": "sharded", "base_reader": "snli"},
            "data_loader": {"batch_size": 2, "num_workers": 3},
        },
    ),
    (
        "*dataset_reader.**.lazy",
        {
            "dataset_reader": {"type": "sharded", "base_reader": {"type": "snli", "lazy": True}},
            "data_loader": {"batch_sampler": {"type": "bucket", "batch_size": 2000}},
        },
        {
            "dataset_reader": {"type": "sharded", "base_reader": {"type": "snli"}},
            "data_loader": {
                "batch_sampler": {"type": "bucket", "batch_size": 2000},
                "max_instances_in_memory": 2000,
            },
        },
    ),
    (
        "*dataset_reader.**.lazy",
        {"dataset_reader": {"type": "snli", "lazy": False}, "data_loader": {"batch_size": 2}},
        {"dataset_reader": {"type": "snli"}, "data_loader": {"batch_size": 2}},
    ),
    (
        "*dataset_reader.**.cache_directory",
        {"dataset_reader": {"type": "snli", "cache_directory": "c"}},
        {"dataset_reader": {"type": "snli"}},
    ),
    (
        "*dataset_reader.**.manual_multi_process_sharding",
        {"validation_dataset_reader": {"type": "theirs", "manual_multi_process_sharding": True}},
        {"validation_dataset_reader": {"type": "theirs", "manual_multiprocess_sharding": True}},
    ),
    (
        "**.initializer",
        {"model": {"initializer": [["a", "zero"], ["b", {"type": "prevent"}]]}},
        {"model": {"initializer": {"regexes": [["a", "zero"]], "prevent_regexes": ["b"]}}},
    ),
    (
        "**.regularizer",
        {"model": {"regularizer": [["a", {"type": "l2", "alpha": 1}]]}},
        {"model": {"regularizer": {"regexes": [["a", {"type": "l2", "alpha": 1}]]}}},
    ),
    (
        "**.text_field_embedder",
        {"model": {"text_field_embedder": {"tokens": {"type": "embedding"}, "type": "basic"}}},
        {"model": {"text_field_embedder": {"type": "basic", "token_embedders": {"tokens": {"type": "embedding"}}}}},
    ),
    *(
        (
            f"**.{old}",
            {"model": {"text_field_embedder": {"token_embedders": {"bert": {}}, old: {"bert": ["bert"]}}}},
            ONE_MODEL,
        )
        for old in ("embedder_to_indexer_map", "allow_unmatched_keys")
    ),
    (
        "**.token_embedders.*.type",
        {
            "dataset_reader": {"token_indexers": {"b": {"type": "bert-pretrained", "pretrained_model": "bert"}}},
            "model": {"token_embedders": {"b": {"type": "bert-pretrained", "pretrained_model": "bert"}}},
        },
        {
            "dataset_reader": {"token_indexers": {"b": MISMATCHED}},
            "model": {
                "token_embedders": {
                    "b": {**MISMATCHED, "train_parameters": False, "last_layer_only": False, "sub_token_mode": "last"}
                }
            },
        },
    ),
    (
        "**.token_indexers.*.type",
        {
            "reader": {
                "token_indexers": {
                    "b": {
                        "type": "bert-pretrained",
                        "pretrained_model": "bert",
                        "use_starting_offsets": True,
                        "max_pieces": 128,
                        "do_lowercase": False,
                    }
                }
            },
            "token_embedders": {
                "b": {
                    "type": "bert-pretrained",
                    "pretrained_model": "bert",
                    "requires_grad": True,
                    "top_layer_only": True,
                }
            },
        },
        {
            "reader": {
                "token_indexers": {
                    "b": {**MISMATCHED, "max_length": 128, "tokenizer_kwargs": {"do_lower_case": False}},
                }
            },
            "token_embedders": {
                "b": {
                    **MISMATCHED,
                    "max_length": 128,
                    "train_parameters": True,
                    "last_layer_only": True,
                    "sub_token_mode": "first",
                }
            },
        },
    ),
    (
        "**.do_lowercase",
        {"tokenizer": {**KEPT, "do_lowercase": True}},
        {"tokenizer": {**KEPT, "tokenizer_kwargs": {"do_lower_case": True}}},
    ),
    (
        "**.tokenizer.type",
        {"tokenizer": {"type": "word", "word_splitter": {"type": "just_spaces"}, "end_tokens": ["@"]}},
        {"tokenizer": {"type": "just_spaces", "end_tokens": ["@"]}},
    ),
    ("**.tokenizer.type", {"tokenizer": {"type": "word"}}, {"tokenizer": {"type": "spacy"}}),
    (
        "**.tokenizer.start_tokens",
        {"tokenizer": {**KEPT, "start_tokens": [], "end_tokens": []}},
        {"tokenizer": {**KEPT, "add_special_tokens": False}},
    ),
    ("**.tokenizer.end_tokens", {"tokenizer": {**KEPT, "end_tokens": ["[SEP]"]}}, {"tokenizer": KEPT}),
    *(
        (f"**.tokenizer.{old}", {"tokenizer": {**KEPT, old: "x"}}, {"tokenizer": KEPT})
        for old in ("calculate_character_offsets", "stride", "truncation_strategy")
    ),
]


@pytest.mark.parametrize(("row", "old", "today"), CASES, ids=[case[0] for case in CASES])
def test_old_key_becomes_todays(row: str, old: dict[str, Any], today: dict[str, Any]) -> None:
    before = copy.deepcopy(old)
    data, found = upgraded(old)
    assert data == today
    assert old == before
    assert found
    assert row.rpartition(".")[2] in {problem.path.rpartition(".")[2] for problem in found}
    assert upgraded(data) == (today, [])


def test_every_row_of_the_table_has_a_case() -> None:
    assert {f"{row.block}.{row.key}".lstrip(".") for row in TABLE} == {case[0] for case in CASES}


def test_every_row_of_the_table_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/allennlp.md").read_text(encoding="utf-8")
    table = page.partition("## Old keys")[2].partition("\n## ")[0]
    assert [row.key for row in TABLE if f"`{row.key}`" not in table] == []
    assert [name for row in TABLE if row.key == "type" for name in row.types if f'"{name}"' not in table] == []


@pytest.mark.parametrize(
    "today",
    [
        {"iterator": {"type": "homogeneous_batch"}},
        {"trainer": {"type": "their-trainer", "tensorboard_writer": {}, "opt_level": "O1"}},
        {"trainer": {"tensorboard_writer": {"type": "their-writer"}, "cuda_device": 0}},
        {"trainer": {"checkpointer": {"type": "theirs", "model_save_interval": 1}}},
        {"trainer": {"optimizer": {"type": "bert_adam", "t_total": 1000, "warmup": 0.1}}},
        {"data_loader": {"sampler": {"type": "random", "replacement": True}}},
        {"data_loader": {"type": "multitask", "sampler": "random"}},
        {"dataset_reader": {"type": "theirs", "lazy": True, "cache_directory": "c"}},
        {"dataset_reader": {"type": "universal_dependencies"}, "model": {"type": "simple_tagger"}},
        {
            "dataset_reader": {"type": "universal_dependencies", "dependencies": False},
            "model": {"type": "biaffine_parser"},
        },
        {"model": {"initializer": {"regexes": []}, "tokenizer": {"type": "word", "word_filter": "stopwords"}}},
        {"model": {"text_field_embedder": {"type": "theirs", "tokens": {"type": "embedding"}}}},
        {"model": {"type": "theirs", "lazy": True, "do_lowercase": True, "start_tokens": ["a"]}},
    ],
)
def test_what_is_not_an_old_key_of_allennlp_stays(today: dict[str, Any]) -> None:
    assert upgraded(today) == (today, [])


def test_todays_key_wins_over_the_old_one() -> None:
    both = {"num_serialized_models_to_keep": 1, "keep_most_recent_by_count": 5}
    data, found = upgraded({"trainer": {"checkpointer": both}})
    assert data == {"trainer": {"checkpointer": {"keep_most_recent_by_count": 5}}}
    assert [str(problem) for problem in found] == [
        "trainer.checkpointer.num_serialized_models_to_keep: is an old spelling of AllenNLP; "
        "write keep_most_recent_by_count"
    ]


def test_today_stands_where_the_old_key_stood() -> None:
    data, _ = upgraded({"dataset_reader": {}, "iterator": "basic", "model": {}})
    assert list(data) == ["dataset_reader", "data_loader", "model"]


def test_file_is_read_with_one_warning_for_each_old_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "experiment.jsonnet"
    file.write_text('{ trainer: { type: "default", checkpointer: { num_serialized_models_to_keep: 3 } } }')
    with caplog.at_level(logging.WARNING):
        params = Params.from_file(file, {"trainer.checkpointer.num_serialized_models_to_keep": 1})
    assert params.as_dict() == {
        "trainer": {"type": "gradient_descent", "checkpointer": {"keep_most_recent_by_count": 1}}
    }
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        f'{file}: trainer.type: is an old spelling of AllenNLP; write type: "gradient_descent"',
        f"{file}: trainer.checkpointer.num_serialized_models_to_keep: is an old spelling of AllenNLP; "
        "write keep_most_recent_by_count",
    ]
    assert Params.from_file(file, as_written=True)["trainer"]["type"] == "default"


def test_configuration_of_an_archive_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"iterator": {"type": "basic", "batch_size": 4}}))
    assert Params.from_plain_json(file).as_dict() == {"data_loader": {"batch_size": 4, "shuffle": True}}


def test_file_of_0_x_passes_check() -> None:
    old = {
        "dataset_reader": {
            "type": "text_classification_json",
            "lazy": True,
            "tokenizer": {"type": "word", "word_splitter": "just_spaces"},
            "token_indexers": {"bert": {"type": "bert-pretrained", "pretrained_model": "bert", "max_pieces": 8}},
        },
        "train_data_path": "train",
        "validation_data_path": "dev",
        "vocabulary": {"directory_path": "v", "extend": True},
        "model": {
            "type": "basic_classifier",
            "text_field_embedder": {
                "allow_unmatched_keys": True,
                "embedder_to_indexer_map": {"bert": ["bert", "bert-offsets"]},
                "token_embedders": {"bert": {"type": "bert-pretrained", "pretrained_model": "bert"}},
            },
            "seq2vec_encoder": {"type": "boe", "embedding_dim": 4},
            "initializer": [["_feedforward.*weight", "xavier_uniform"]],
        },
        "iterator": {"type": "bucket", "sorting_keys": [["tokens", "num_tokens"]], "batch_size": 4},
        "trainer": {
            "type": "default",
            "optimizer": {"type": "bert_adam", "lr": 1e-5},
            "num_serialized_models_to_keep": 2,
            "summary_interval": 10,
            "cuda_device": [-1],
        },
    }
    assert check(Experiment, old)
    assert check(Experiment, upgraded(old)[0]) == []


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in entries:
        yield (*path, key)
        yield from places(each, (*path, key))


@pytest.mark.parametrize("junk", [None, 0, True, "x", [], [[]], [1, 2], {}, {"type": 1}, {"type": "x"}], ids=str)
def test_junk_in_any_place_is_left_to_check(junk: Any) -> None:
    for _, old, _ in CASES:
        for *above, last in places(old):
            data = copy.deepcopy(old)
            block: Any = data
            for key in above:
                block = block[key]
            block[last] = copy.deepcopy(junk)
            before = copy.deepcopy(data)
            upgraded(data)
            assert data == before
