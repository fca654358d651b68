"""Old keys about data: iterators, samplers and lazy readers become settings of today's data loader."""

from __future__ import annotations

from math import ceil
from typing import Any

from foldformer.config.old_keys.row import Block, put

IN_MEMORY = 1000  # instances that a lazy reader's loader holds at once, where the file does not say how many

_LOADERS = {"iterator": "data_loader", "validation_iterator": "validation_data_loader"}
_READERS = {"dataset_reader": "data_loader", "validation_dataset_reader": "validation_data_loader"}


def iterator_to_loader(file: Block, key: str, top: Block) -> bool:  # noqa: ARG001
    """Turn an iterator of 0.x into a data loader; false for other iterators than "basic" and "bucket"."""
    iterator = {"type": file[key]} if isinstance(file[key], str) else file[key]
    loader = _loader(iterator, is_training=key == "iterator")
    if loader is None:
        return False
    if iterator.get("track_epoch"):
        _track_epoch(file)
    put(file, _LOADERS[key], loader, instead_of=key)
    return True


def _loader(iterator: Any, *, is_training: bool) -> Block | None:
    if not isinstance(iterator, dict):
        return None
    name = iterator.get("type", "basic" if "sorting_keys" not in iterator else "bucket")
    if name == "multiprocess":
        inner = _loader(iterator.get("base_iterator"), is_training=is_training)
        return None if inner is None else {**inner, "num_workers": iterator.get("num_workers", 1)}
    if name not in ("basic", "bucket"):
        return None
    size = iterator.get("batch_size", 32)
    loader: Block = _basic(size, is_training) if name == "basic" else {"batch_sampler": _bucket(iterator, size)}
    if iterator.get("max_instances_in_memory") is not None:
        loader["max_instances_in_memory"] = iterator["max_instances_in_memory"]
    in_epoch = iterator.get("instances_per_epoch")
    if isinstance(in_epoch, int) and isinstance(size, int) and size > 0:
        loader["batches_per_epoch"] = ceil(in_epoch / size)
    return loader


def _basic(size: Any, is_training: bool) -> Block:
    return {"batch_size": size, "shuffle": True} if is_training else {"batch_size": size}


def _bucket(iterator: Block, size: Any) -> Block:
    kept = {key: iterator[key] for key in ("padding_noise",) if key in iterator}
    if iterator.get("sorting_keys"):
        kept["sorting_keys"] = names_of_fields(iterator["sorting_keys"])
    most = iterator.get("maximum_samples_per_batch")
    if isinstance(most, list) and len(most) == 2:
        return {"type": "max_tokens_sampler", "max_tokens": most[1], **kept}
    if iterator.get("skip_smaller_batches"):
        kept["drop_last"] = True
    return {"type": "bucket", "batch_size": size, **kept}


def _track_epoch(file: Block) -> None:
    trainer = file.get("trainer")
    if isinstance(trainer, dict) and isinstance(trainer.get("callbacks", []), list):
        trainer["callbacks"] = [*trainer.get("callbacks", []), "track_epoch_callback"]


def names_of_fields(keys: Any) -> Any:
    """Sorting keys of 0.x, `["text", "num_tokens"]`, as today's, `"text"`; each once. Other values stay."""
    if not isinstance(keys, list) or not all(isinstance(key, list) and len(key) == 2 for key in keys):
        return keys
    names = [name for name, _ in keys]
    return list(dict.fromkeys(names)) if all(isinstance(name, str) for name in names) else keys


def sorting_keys_to_names(block: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Name fields in sorting keys; false where that is done already."""
    names = names_of_fields(block[key])
    if names == block[key]:
        return False
    block[key] = names
    return True


def shuffle_to_loader(trainer: Block, key: str, file: Block) -> bool:
    """Move the trainer's `shuffle` of 0.x to the data loader; to its sampler, if that chooses the batches."""
    loader = file.get("data_loader")
    if not isinstance(loader, dict):
        return False
    value = trainer.pop(key)
    sampler = loader.get("batch_sampler")
    if isinstance(sampler, dict):
        if value is False and sampler.get("type") == "bucket":
            sampler["shuffle"] = False
    else:
        loader["shuffle"] = value
    return True


def sampler_to_shuffle(loader: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Say by `shuffle` what a sampler of 1.x says; false for others than "random" and "sequential" without options."""
    shuffles = _shuffles(loader[key])
    if shuffles is None:
        return False
    put(loader, "shuffle", shuffles, instead_of=key)
    return True


def basic_to_its_sampler(sampler: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Name the batch sampler "basic" of 1.x after the sampler in it."""
    shuffles = _shuffles(sampler.get("sampler", "sequential"))
    if shuffles is None:
        return False
    sampler.pop("sampler", None)
    sampler[key] = "random" if shuffles else "sequential"
    return True


def _shuffles(sampler: Any) -> bool | None:
    options = dict(sampler) if isinstance(sampler, dict) else {"type": sampler}
    name = options.pop("type", None)
    options = {key: value for key, value in options.items() if key != "data_source" and value}
    return None if options or name not in ("random", "sequential") else name == "random"


def processes_to_loader(reader: Block, key: str, file: Block) -> bool:
    """Turn the reader "multiprocess" of 0.x into "sharded"; the processes are the data loader's."""
    name = next(name for name in _READERS if file.get(name) is reader)
    loader = file.get(_READERS[name])
    workers = reader.pop("num_workers", 1)
    if isinstance(loader, dict):
        loader.setdefault("num_workers", workers)
    for option in ("epochs_per_read", "output_queue_size"):
        reader.pop(option, None)
    reader[key] = "sharded"
    return True


def lazy_to_memory(reader: Block, key: str, file: Block) -> bool:
    """Let the data loader stream what a lazy reader reads."""
    is_lazy = reader.pop(key)
    for name, loader in _READERS.items():
        inside = file.get(name)
        while isinstance(inside, dict) and inside is not reader:
            inside = inside.get("base_reader")
        block = file.get(loader)
        if is_lazy and inside is reader and isinstance(block, dict):
            block.setdefault("max_instances_in_memory", max(IN_MEMORY, _batch_size(block)))
    return True


def trees_for_parser(reader: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Let the reader "universal_dependencies" read trees, as AllenNLP's always did, where a parser learns from them."""
    model = file.get("model")
    is_parser = isinstance(model, dict) and model.get("type") == "biaffine_parser"
    if not is_parser or "dependencies" in reader:
        return False
    reader["dependencies"] = True
    return True


def _batch_size(loader: Block) -> int:
    sampler = loader.get("batch_sampler")
    size = (sampler if isinstance(sampler, dict) else loader).get("batch_size")
    return size if isinstance(size, int) else 1
