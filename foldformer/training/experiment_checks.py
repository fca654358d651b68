"""What type hints cannot say about an experiment file that trains; `check`, `train` and `TrainModel` itself ask it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

from foldformer.config import ConfigurationError, Problem
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.training.archives.write import check_include_in_archive
from foldformer.training.distributed import DistributedBlock
from foldformer.training.metric_tracker import MetricTracker

PARTS = ("train", "validation", "test")
PATHS = ("train_data_path", "validation_data_path", "test_data_path")
_OF_DEVICES = {"accelerator", "devices", "strategy"}


def problems_of_experiment(config: Mapping[str, Any]) -> list[Problem]:
    """Find mistakes that would otherwise show only after data and weights are loaded.

    Args:
        config: An experiment that type hints find nothing wrong with.
    """
    if config.get("type", "default") != "default":
        return []
    trainer = config.get("trainer")
    data = {name: config.get(name) for name in ("evaluate_on_test", "datasets_for_vocab_creation", *PATHS)}
    return [
        *problems_of_data(**data),
        *_raised(lambda: check_include_in_archive(config.get("include_in_archive"))),
        *(_problems_of_trainer(config, trainer) if isinstance(trainer, Mapping) else ()),
        *problems_of_overlap(config),
    ]


def problems_of_data(
    evaluate_on_test: bool | None,
    datasets_for_vocab_creation: Sequence[str] | None,
    train_data_path: Any,
    validation_data_path: Any,
    test_data_path: Any,
) -> Iterator[Problem]:
    """Find data that the file speaks of and does not have; the parameters are those of `TrainModel`."""
    if evaluate_on_test and test_data_path is None:
        yield Problem("evaluate_on_test", "got true without test_data_path; expected both or neither")
    paths = (train_data_path, validation_data_path, test_data_path)
    known = [part for part, path in zip(PARTS, paths, strict=True) if path is not None]
    for number, part in enumerate(datasets_for_vocab_creation or ()):
        if part not in known:
            yield Problem(
                f"datasets_for_vocab_creation.{number}",
                f"got {show(part)}; expected {one_of(known)}{did_you_mean(part, known)}",
            )


def problems_of_overlap(config: Mapping[str, Any]) -> Iterator[Problem]:
    """Find embedders whose overlap is not that of the indexers which fold for them.

    Args:
        config: An experiment. An indexer folds for the embedders of its own name and type.
    """
    readers = {key: value for key, value in config.items() if key.endswith("dataset_reader")}
    indexers = list(_blocks_under("token_indexers", readers))
    for path, name, embedder in _blocks_under("token_embedders", {"model": config.get("model")}):
        overlap = embedder.get("overlap", 0)
        for place, of, indexer in indexers:
            if of == name and indexer.get("type") == embedder.get("type") and indexer.get("overlap", 0) != overlap:
                message = (
                    f"got {overlap}, but {place}.overlap is {indexer.get('overlap', 0)}; expected the same in both"
                )
                yield Problem(f"{path}.overlap", message)


def _blocks_under(key: str, value: Any, path: str = "") -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Give path, name and content of every block that stands by name under a key, however deep."""
    if isinstance(value, Mapping):
        for own, part in value.items():
            place = f"{path}.{own}".lstrip(".")
            if own == key and isinstance(part, Mapping):
                yield from (
                    (f"{place}.{name}", name, block) for name, block in part.items() if isinstance(block, Mapping)
                )
            else:
                yield from _blocks_under(key, part, place)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, part in enumerate(value):
            yield from _blocks_under(key, part, f"{path}.{number}")


def problems_of_machine(config: Mapping[str, Any]) -> list[Problem]:
    """Find devices that an experiment asks for and this machine does not have.

    Args:
        config: An experiment that nothing else is wrong with.
    """
    trainer = config.get("trainer")
    if config.get("type", "default") != "default" or not isinstance(trainer, Mapping):
        return []
    if _OF_DEVICES & (trainer.get("lightning") or {}).keys():
        return []  # which win over what the other keys say
    key, wanted = "trainer.cuda_device", [trainer.get("cuda_device")]
    if config.get("distributed") is not None:
        key, wanted = "distributed.cuda_devices", config["distributed"]["cuda_devices"]
    available = torch.cuda.device_count() or int(torch.backends.mps.is_available())
    missing = [device for device in wanted if device is not None and device >= available]
    if not missing:
        return []
    expected = "-1, the processor, as this machine has no GPU"
    if available:
        expected = f"a number below {available}, as this machine has {available}, or -1, the processor"
    return [Problem(key, f"got {missing[0]}; expected {expected}")]


def _problems_of_trainer(config: Mapping[str, Any], trainer: Mapping[str, Any]) -> Iterator[Problem]:
    if trainer.get("type", "gradient_descent") != "gradient_descent":
        return
    yield from _raised(lambda: MetricTracker(trainer.get("validation_metric", "-loss"), trainer.get("patience")))
    if config.get("distributed") is not None:
        accelerator = trainer.get("ddp_accelerator", config.get("ddp_accelerator"))
        block = {"ddp_accelerator": accelerator, **config["distributed"]}
        yield from _raised(lambda: DistributedBlock(**block))
    if trainer.get("lightning"):
        # Not at the top: Lightning is slow to import.
        from foldformer.training.fit.trainer_arguments import check_lightning_block

        yield from _raised(lambda: check_lightning_block(trainer["lightning"]))
    for key in ("patience", "validation_metric"):
        if trainer.get(key) is not None and config.get("validation_data_path") is None:
            yield Problem(
                f"trainer.{key}",
                f"got {trainer[key]!r} without validation data; expected validation_data_path, or no {key}",
            )


def _raised(action: Callable[[], object]) -> Iterator[Problem]:
    try:
        action()
    except ConfigurationError as error:
        yield from error.problems
