# ruff: noqa: ARG002  (hooks take what they are given)
"""Metrics of every epoch on the console."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from overrides import overrides

from foldformer.training.callbacks.trainer_callback import Batches, Metrics, TrainerCallback

if TYPE_CHECKING:
    from foldformer.training.trainer import RunningTrainer

logger = logging.getLogger(__name__)


@TrainerCallback.register("console_logger")
class ConsoleLoggerCallback(TrainerCallback):
    """Log the first batch, and a table of metrics after every epoch.

    Args:
        serialization_dir: The training folder; handed over by the trainer.
        should_log_inputs: Log the shapes of the first batch.
    """

    def __init__(self, serialization_dir: str, should_log_inputs: bool = True) -> None:
        super().__init__(serialization_dir)
        self._should_log_inputs = should_log_inputs

    @overrides
    def on_batch(
        self,
        trainer: "RunningTrainer",
        batch_inputs: Batches,
        batch_outputs: Batches,
        batch_metrics: Metrics,
        epoch: int,
        batch_number: int,
        is_training: bool,
        is_primary: bool = True,
        batch_grad_norm: float | None = None,
        **kwargs: Any,
    ) -> None:
        """Log the shapes of the first batch."""
        if self._should_log_inputs and is_primary and is_training and epoch == 0 and batch_number == 1:
            for name, value in _shapes(batch_inputs[0], ""):
                logger.info("first batch: %s %s", name, value)

    @overrides
    def on_epoch(
        self, trainer: "RunningTrainer", metrics: Metrics, epoch: int, is_primary: bool = True, **kwargs: Any
    ) -> None:
        """Log a table with one row a metric."""
        if not is_primary:
            return
        names = sorted({_stem(name) for name in metrics if _stem(name)})
        width = max((len(name) for name in names), default=0)
        logger.info("%s  %10s  %10s", f"epoch {epoch}".ljust(width), "training", "validation")
        for name in names:
            cells = [_cell(metrics.get(f"{part}_{name}")) for part in ("training", "validation")]
            logger.info("%s  %10s  %10s", name.ljust(width), *cells)


def _stem(name: str) -> str:
    for part in ("training_", "validation_"):
        if name.startswith(part) and name != "training_duration":
            return name.removeprefix(part)
    return ""


def _cell(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "" if value is None else str(value)


def _shapes(value: Any, prefix: str) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [pair for key, item in value.items() for pair in _shapes(item, f"{prefix}.{key}" if prefix else key)]
    shape = getattr(value, "shape", None)
    return [(prefix, f"{tuple(shape)} {value.dtype}" if shape is not None else type(value).__name__)]
