"""What type hints cannot say about an experiment file that trains."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from foldformer.config import ConfigurationError, Problem
from foldformer.training.distributed import DistributedBlock
from foldformer.training.metric_tracker import MetricTracker

_OF_DEVICES = {"accelerator", "devices", "strategy"}


def problems_of_experiment(config: Mapping[str, Any]) -> list[Problem]:
    """Find mistakes that would otherwise show only after data and weights are loaded.

    Args:
        config: An experiment that type hints find nothing wrong with.
    """
    if config.get("type", "default") != "default" or not isinstance(config.get("trainer"), Mapping):
        return []
    return list(_problems(config, config["trainer"]))


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


def _problems(config: Mapping[str, Any], trainer: Mapping[str, Any]) -> Iterator[Problem]:
    if trainer.get("type", "gradient_descent") != "gradient_descent":
        return
    yield from _raised(lambda: MetricTracker(trainer.get("validation_metric", "-loss"), trainer.get("patience")))
    if config.get("distributed") is not None:
        yield from _raised(lambda: DistributedBlock(**config["distributed"]))
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
