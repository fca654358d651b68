# ruff: noqa: ARG002  (hooks take what they are given)
"""What callbacks that write curves have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from overrides import overrides
from torch import Tensor

from foldformer.training.callbacks.trainer_callback import Batches, Metrics, TrainerCallback

if TYPE_CHECKING:
    from foldformer.training.trainer import RunningTrainer


class LogWriterCallback(TrainerCallback):
    """Write scalars every few steps and all metrics after every epoch.

    Args:
        serialization_dir: The training folder; handed over by the trainer.
        summary_interval: Steps between two points of the training curves.
        distribution_interval: Steps between two histograms of the parameters; null writes none.
        batch_size_interval: Steps between two points of the curve of batch sizes; null writes none.
        should_log_parameter_statistics: Write norms, means and deviations of parameters and gradients too.
        should_log_learning_rate: Write the learning rate of every group of parameters.
    """

    def __init__(
        self,
        serialization_dir: str,
        summary_interval: int = 100,
        distribution_interval: int | None = None,
        batch_size_interval: int | None = None,
        should_log_parameter_statistics: bool = False,
        should_log_learning_rate: bool = False,
    ) -> None:
        super().__init__(serialization_dir)
        self._summary_interval = summary_interval
        self._distribution_interval = distribution_interval
        self._batch_size_interval = batch_size_interval
        self._should_log_parameter_statistics = should_log_parameter_statistics
        self._should_log_learning_rate = should_log_learning_rate

    @abstractmethod
    def log_scalars(self, scalars: Mapping[str, float], log_prefix: str = "", epoch: int | None = None) -> None:
        """Write numbers at the current step, or at an epoch."""

    @abstractmethod
    def log_tensors(self, tensors: Mapping[str, Tensor], log_prefix: str = "", epoch: int | None = None) -> None:
        """Write histograms at the current step, or at an epoch."""

    def close(self) -> None:
        """Write out what is left."""

    @property
    def step(self) -> int:
        """Steps of the optimizer so far."""
        return 0 if self.trainer is None else self.trainer.total_batches_completed

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
        """Write what is due at this step."""
        if not (is_training and is_primary):
            return
        if self.step % self._summary_interval == 0:
            self.log_scalars(_numbers(batch_metrics), log_prefix="train")
            if batch_grad_norm is not None:
                self.log_scalars({"gradient_norm": batch_grad_norm})
            if self._should_log_learning_rate:
                self.log_scalars(_learning_rates(trainer), log_prefix="learning_rate")
            if self._should_log_parameter_statistics:
                self.log_scalars(_statistics(trainer.model), log_prefix="parameters")
        if self._distribution_interval and self.step % self._distribution_interval == 0:
            self.log_tensors(dict(trainer.model.named_parameters()), log_prefix="parameter_histogram")
        if self._batch_size_interval and self.step % self._batch_size_interval == 0:
            self.log_scalars({"batch_size": float(sum(map(_batch_size, batch_inputs)))}, log_prefix="train")

    @overrides
    def on_epoch(
        self, trainer: "RunningTrainer", metrics: Metrics, epoch: int, is_primary: bool = True, **kwargs: Any
    ) -> None:
        """Write all metrics."""
        if not is_primary:
            return
        for part, prefix in (("training_", "train"), ("validation_", "validation")):
            chosen = {name.removeprefix(part): value for name, value in metrics.items() if name.startswith(part)}
            self.log_scalars(_numbers(chosen), log_prefix=prefix, epoch=epoch)

    @overrides
    def on_end(
        self,
        trainer: "RunningTrainer",
        metrics: Metrics | None = None,
        epoch: int | None = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        """Close the log."""
        if is_primary:
            self.close()


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    plain = {name: value for name, value in metrics.items() if isinstance(value, (int, float))}
    return {name: float(value) for name, value in plain.items() if not name.startswith("_")}


def _learning_rates(trainer: "RunningTrainer") -> dict[str, float]:
    optimizer = trainer.optimizer
    groups = optimizer.param_groups if optimizer is not None else []
    return {f"group_{number}": float(group["lr"]) for number, group in enumerate(groups) if group.get("lr") is not None}


@torch.no_grad()
def _statistics(model: torch.nn.Module) -> dict[str, float]:
    found = {}
    for name, parameter in model.named_parameters():
        found[f"{name}/mean"] = parameter.mean().item()
        if parameter.numel() > 1:
            found[f"{name}/std"] = parameter.std().item()
        if parameter.grad is not None and not parameter.grad.is_sparse:
            found[f"{name}/gradient_norm"] = parameter.grad.norm().item()
    return found


def _batch_size(batch: Mapping[str, Any]) -> int:
    for value in batch.values():
        if isinstance(value, Tensor) and value.dim():
            return len(value)
        if isinstance(value, Mapping) and value:
            return _batch_size(value)
    return 0
