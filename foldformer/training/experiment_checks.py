"""What type hints cannot say about an experiment file that trains."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from foldformer.config import ConfigurationError, Problem
from foldformer.training.distributed import DistributedBlock
from foldformer.training.metric_tracker import MetricTracker


def problems_of_experiment(config: Mapping[str, Any]) -> list[Problem]:
    """Find mistakes that would otherwise show only after data and weights are loaded.

    Args:
        config: An experiment that type hints find nothing wrong with.
    """
    if config.get("type", "default") != "default" or not isinstance(config.get("trainer"), Mapping):
        return []
    return list(_problems(config, config["trainer"]))


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
