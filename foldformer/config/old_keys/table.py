"""The table: every key of AllenNLP 0.x and 1.x that is written in another way today.

A row changes a block only where AllenNLP's own component stands, never a key that somebody else's class may declare.
Rows are tried from top to bottom, so later ones see what earlier ones wrote.
"""

from __future__ import annotations

from foldformer.config.old_keys import components, data, trainer
from foldformer.config.old_keys.row import Row, leave_out

_TRAINER = (None, "gradient_descent")
_CHECKPOINTER = (None, "default")
_LOADER = (None, "multiprocess")
_READERS = (
    "boolq",
    "conll2003",
    "ontonotes_ner",
    "sequence_tagging",
    "sharded",
    "snli",
    "sst_tokens",
    "text_classification_json",
    "universal_dependencies",
)
_TRANSFORMER = ("pretrained_transformer", "pretrained_transformer_mismatched")
_BERT = ("bert-pretrained",)

_CURVES = 'callbacks: [{"type": "tensorboard", ...}]'
_MISMATCHED = 'type: "pretrained_transformer_mismatched"'
_REGEXES = '{"regexes": [...]}'
_KEPT = "checkpoints are kept by keep_most_recent_by_count and keep_most_recent_by_age"
_SAME_NAMES = "an embedder gets what the indexer of its name gives"
_OFFSETS = "offsets are always there"
_TRUNCATED = "max_length cuts off the end"
_NO_CACHE = "instances are not cached on disk"
_WORKERS = "workers need no such setting"

TABLE = (
    # The file.
    Row("", "iterator", "data_loader", change=data.iterator_to_loader),
    Row("", "validation_iterator", "validation_data_loader", change=data.iterator_to_loader),
    Row("vocabulary", "directory_path", "directory", change=components.directory_to_type),
    # The trainer.
    Row("trainer", "type", 'type: "gradient_descent"', ("default",), change=trainer.default_to_name),
    Row("trainer", "shuffle", "shuffle in data_loader", _TRAINER, change=data.shuffle_to_loader),
    Row("trainer", "cuda_device", "distributed.cuda_devices", change=trainer.gpus_to_distributed),
    Row("trainer", "opt_level", "use_amp", _TRAINER, value=trainer.is_mixed),
    Row("trainer", "tensorboard_writer", _CURVES, _TRAINER, change=trainer.writer_to_callback),
    Row("trainer", "summary_interval", _CURVES, _TRAINER, change=trainer.option_to_callback),
    Row("trainer", "histogram_interval", _CURVES, _TRAINER, change=trainer.option_to_callback),
    Row("trainer", "should_log_parameter_statistics", _CURVES, _TRAINER, change=trainer.option_to_callback),
    Row("trainer", "should_log_learning_rate", _CURVES, _TRAINER, change=trainer.option_to_callback),
    Row("trainer", "log_batch_size_period", _CURVES, _TRAINER, change=trainer.option_to_callback),
    Row("trainer", "epoch_callbacks", "callbacks", _TRAINER, change=trainer.callbacks_to_callbacks),
    Row("trainer", "batch_callbacks", "callbacks", _TRAINER, change=trainer.callbacks_to_callbacks),
    Row("trainer", "end_callbacks", "callbacks", _TRAINER, change=trainer.callbacks_to_callbacks),
    Row("trainer", "trainer_callbacks", "callbacks", _TRAINER, change=trainer.callbacks_to_callbacks),
    Row(
        "trainer.callbacks.*",
        "tensorboard_writer",
        "what is in it",
        ("tensorboard",),
        change=trainer.writer_to_options,
    ),
    Row("trainer.callbacks.*", "histogram_interval", "distribution_interval", ("tensorboard", "wandb")),
    Row(
        "trainer",
        "num_serialized_models_to_keep",
        "checkpointer.keep_most_recent_by_count",
        _TRAINER,
        trainer.all_if_negative,
    ),
    Row("trainer", "model_save_interval", "checkpointer.save_every_num_seconds", _TRAINER),
    Row("trainer", "keep_serialized_model_every_num_seconds", _KEPT, _TRAINER, change=leave_out),
    Row("trainer.optimizer", "type", 'type: "huggingface_adamw"', ("bert_adam",), change=components.bert_adam),
    # Its checkpoints.
    Row(
        "trainer.checkpointer",
        "num_serialized_models_to_keep",
        "keep_most_recent_by_count",
        _CHECKPOINTER,
        value=trainer.all_if_negative,
    ),
    Row("trainer.checkpointer", "model_save_interval", "save_every_num_seconds", _CHECKPOINTER),
    Row("trainer.checkpointer", "keep_serialized_model_every_num_seconds", _KEPT, _CHECKPOINTER, change=leave_out),
    # Data loaders and readers; `*data_loader` is that of training and that of validation.
    Row("*data_loader", "type", '"multiprocess" is the default', ("pytorch_dataloader",), change=leave_out),
    Row("*data_loader", "sampler", "shuffle", _LOADER, change=data.sampler_to_shuffle),
    Row("*data_loader", "multiprocessing_context", "start_method", _LOADER),
    Row("*data_loader", "pin_memory", _WORKERS, _LOADER, change=leave_out),
    Row("*data_loader", "timeout", _WORKERS, _LOADER, change=leave_out),
    Row("*data_loader", "worker_init_fn", _WORKERS, _LOADER, change=leave_out),
    Row("*data_loader.batch_sampler", "type", "type: its sampler", ("basic",), change=data.basic_to_its_sampler),
    Row("*data_loader.batch_sampler", "sorting_keys", "names of fields", change=data.sorting_keys_to_names),
    Row("*dataset_reader", "type", 'type: "sharded"', ("multiprocess",), change=data.processes_to_loader),
    Row("*dataset_reader", "type", "dependencies: true", ("universal_dependencies",), change=data.trees_for_parser),
    Row("*dataset_reader.**", "lazy", "max_instances_in_memory in data_loader", _READERS, change=data.lazy_to_memory),
    Row("*dataset_reader.**", "cache_directory", _NO_CACHE, _READERS, change=leave_out),
    Row("*dataset_reader.**", "manual_multi_process_sharding", "manual_multiprocess_sharding"),
    # Components.
    Row("**", "initializer", _REGEXES, change=components.list_to_regexes),
    Row("**", "regularizer", _REGEXES, change=components.list_to_regexes),
    Row("**", "text_field_embedder", '{"token_embedders": {...}}', change=components.embedders_by_name),
    Row("**", "embedder_to_indexer_map", _SAME_NAMES, (None, "basic"), change=leave_out),
    Row("**", "allow_unmatched_keys", _SAME_NAMES, (None, "basic"), change=leave_out),
    Row("**.token_embedders.*", "type", _MISMATCHED, _BERT, change=components.bert_embedder),
    Row("**.token_indexers.*", "type", _MISMATCHED, _BERT, change=components.bert_indexer),
    Row("**", "do_lowercase", "tokenizer_kwargs.do_lower_case", _TRANSFORMER),
    Row("**.tokenizer", "type", "type: its word_splitter", ("word",), change=components.word_to_splitter),
    Row("**.tokenizer", "start_tokens", "add_special_tokens", _TRANSFORMER, change=components.tokens_to_special),
    Row("**.tokenizer", "end_tokens", "add_special_tokens", _TRANSFORMER, change=components.tokens_to_special),
    Row("**.tokenizer", "calculate_character_offsets", _OFFSETS, _TRANSFORMER, change=leave_out),
    Row("**.tokenizer", "stride", _TRUNCATED, _TRANSFORMER, change=leave_out),
    Row("**.tokenizer", "truncation_strategy", _TRUNCATED, _TRANSFORMER, change=leave_out),
)
