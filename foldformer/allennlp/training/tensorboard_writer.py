"""The writer of curves that trainers of AllenNLP 1.0 to 2.0 had, and that callbacks of projects write to."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from foldformer.allennlp.training.loop import get_batch_size
from foldformer.config import FromParams
from foldformer.config.optional import import_optional
from foldformer.models import Model
from foldformer.nn.functions.limits import tiny_value_of_dtype

if TYPE_CHECKING:
    from torch.utils.tensorboard.writer import SummaryWriter

logger = logging.getLogger(__name__)

_MEGABYTE = 1024 * 1024
_HISTOGRAMS_OF_OLD = "get_parameters_for_histogram_tensorboard_logging"
"""The method's name up to AllenNLP 2.0, by which projects override it."""


class TensorBoardWriter(FromParams):
    """Write numbers and histograms to `log/train` and `log/validation` of a folder, at the step that training is at.

    Files are made when something is written. What a method writes is called as in AllenNLP 2.0, where
    `TensorBoardCallback` has names of its own.

    Args:
        serialization_dir: The training folder; None: nothing is written.
        summary_interval: Steps between two points of the training curves.
        histogram_interval: Steps between two histograms; None: none.
        batch_size_interval: Steps between two points of the curves of batch sizes; None: none.
        should_log_parameter_statistics: Whether `log_batch` writes means and deviations of parameters and gradients.
        should_log_learning_rate: Whether `log_batch` writes the learning rate of every parameter.
        get_batch_num_total: Says how many steps were taken; may be set later.
    """

    def __init__(
        self,
        serialization_dir: str | None = None,
        summary_interval: int = 100,
        histogram_interval: int | None = None,
        batch_size_interval: int | None = None,
        should_log_parameter_statistics: bool = True,
        should_log_learning_rate: bool = False,
        get_batch_num_total: Callable[[], int] | None = None,
    ) -> None:
        self.get_batch_num_total = get_batch_num_total
        self._folder = None if serialization_dir is None else Path(serialization_dir) / "log"
        self._summary_interval = summary_interval
        self._histogram_interval = histogram_interval
        self._batch_size_interval = batch_size_interval
        self._should_log_parameter_statistics = should_log_parameter_statistics
        self._should_log_learning_rate = should_log_learning_rate
        self._sizes: list[int] = []  # of the batches of this epoch

    @cached_property
    def _train_log(self) -> "SummaryWriter | None":
        return self._open("train")

    @cached_property
    def _validation_log(self) -> "SummaryWriter | None":
        return self._open("validation")

    def _open(self, part: str) -> "SummaryWriter | None":
        if self._folder is None:
            return None
        import_optional("tensorboard", extra="train")
        from torch.utils.tensorboard.writer import SummaryWriter

        return SummaryWriter(str(self._folder / part))

    def add_train_scalar(self, name: str, value: float | Tensor, timestep: int | None = None) -> None:
        """Write a number to the training curves; at this step, unless `timestep` is given and not 0."""
        if self._train_log is not None:
            self._train_log.add_scalar(name, float(value), timestep or self._step())

    def add_validation_scalar(self, name: str, value: float | Tensor, timestep: int | None = None) -> None:
        """Write a number to the validation curves; at this step, unless `timestep` is given and not 0."""
        if self._validation_log is not None:
            self._validation_log.add_scalar(name, float(value), timestep or self._step())

    def add_train_histogram(self, name: str, values: Any) -> None:
        """Write the histogram of a tensor; anything else is passed over."""
        if self._train_log is not None and isinstance(values, Tensor):
            self._train_log.add_histogram(name, values.detach().float().cpu().flatten(), self._step())

    def should_log_this_batch(self) -> bool:
        """Whether the training curves are due at this step."""
        return self._step() % self._summary_interval == 0

    def should_log_histograms_this_batch(self) -> bool:
        """Whether histograms are due at this step."""
        return self._histogram_interval is not None and self._step() % self._histogram_interval == 0

    def should_log_histograms_next_batch(self) -> bool:
        """Whether histograms are due at the step after this one."""
        return self._histogram_interval is not None and (self._step() + 1) % self._histogram_interval == 0

    def reset_epoch(self) -> None:
        """Forget the sizes of batches."""
        self._sizes = []

    def log_batch(
        self,
        model: Model,
        optimizer: torch.optim.Optimizer,
        batch_grad_norm: float | None,
        metrics: Mapping[str, float],
        batch_group: Iterable[Any],
        param_updates: Mapping[str, Tensor] | None,
    ) -> None:
        """Write all that is due at this step.

        Args:
            model: The model.
            optimizer: Has the learning rates.
            batch_grad_norm: Norm of the gradients, where it is known.
            metrics: Those so far, with `loss`.
            batch_group: The batches of the step, as the model got them.
            param_updates: How the step has changed each parameter; needed where histograms are due.
        """
        if self.should_log_this_batch():
            self.log_parameter_and_gradient_statistics(model, batch_grad_norm)
            self.log_learning_rates(model, optimizer)
            self.add_train_scalar("loss/loss_train", metrics["loss"])
            self.log_metrics({f"epoch_metrics/{name}": value for name, value in metrics.items()})
        if self.should_log_histograms_this_batch():
            self.log_histograms(model)
            self.log_gradient_updates(model, param_updates or {})
        if self._batch_size_interval:
            self._sizes.append(sum(map(get_batch_size, batch_group)))
            if (len(self._sizes) - 1) % self._batch_size_interval == 0:
                self.add_train_scalar("current_batch_size", self._sizes[-1])
                self.add_train_scalar("mean_batch_size", sum(self._sizes) / len(self._sizes))

    def log_memory_usage(self, cpu_memory_usage: Mapping[int, int], gpu_memory_usage: Mapping[int, int]) -> None:
        """Write memory, given in bytes for each process and for each GPU, in megabytes."""
        for worker, used in cpu_memory_usage.items():
            self.add_train_scalar(f"memory_usage/worker_{worker}_cpu", used / _MEGABYTE)
        self.add_train_scalar("memory_usage/cpu", sum(cpu_memory_usage.values()) / _MEGABYTE)
        for gpu, used in gpu_memory_usage.items():
            self.add_train_scalar(f"memory_usage/gpu_{gpu}", used / _MEGABYTE)

    @torch.no_grad()
    def log_parameter_and_gradient_statistics(self, model: Model, batch_grad_norm: float | None = None) -> None:
        """Write mean and deviation of every parameter and gradient, and the norm of the gradients."""
        if not self._should_log_parameter_statistics:
            return
        for name, parameter in model.named_parameters():
            self._log_statistics("parameter", name, parameter)
            if parameter.grad is not None:
                gradient = parameter.grad._values() if parameter.grad.is_sparse else parameter.grad
                self._log_statistics("gradient", name, gradient)
        if batch_grad_norm is not None:
            self.add_train_scalar("gradient_norm", batch_grad_norm)

    def log_learning_rates(self, model: Model, optimizer: torch.optim.Optimizer) -> None:
        """Write the learning rate of every parameter; 0 where it is frozen."""
        if not self._should_log_learning_rate:
            return
        names = {parameter: name for name, parameter in model.named_parameters()}
        for group in optimizer.param_groups:
            for parameter in group["params"] if "lr" in group else ():
                self.add_train_scalar(f"learning_rate/{names[parameter]}", group["lr"] * parameter.requires_grad)

    def log_histograms(self, model: Model) -> None:
        """Write histograms of the parameters that the model names."""
        wanted = getattr(model, _HISTOGRAMS_OF_OLD, model.get_parameters_for_histogram_logging)()
        for name, parameter in model.named_parameters():
            if name in wanted:
                self.add_train_histogram(f"parameter_histogram/{name}", parameter)

    @torch.no_grad()
    def log_gradient_updates(self, model: Model, param_updates: Mapping[str, Tensor]) -> None:
        """Write how large each parameter's change is, as a fraction of the parameter."""
        for name, parameter in model.named_parameters():
            size = parameter.norm().cpu()
            change = param_updates[name].norm().cpu() / (size + tiny_value_of_dtype(size.dtype))
            self.add_train_scalar(f"gradient_update/{name}", change)

    def log_metrics(
        self,
        train_metrics: Mapping[str, Any],
        val_metrics: Mapping[str, Any] | None = None,
        epoch: int | None = None,
        log_to_console: bool = False,
    ) -> None:
        """Write metrics of training and of validation, those that are None left out.

        Args:
            train_metrics: By name.
            val_metrics: By name.
            epoch: Written in place of the step, unless 0.
            log_to_console: Print both beside each other too.
        """
        val_metrics = val_metrics or {}
        names = sorted({*train_metrics, *val_metrics})
        width = max(map(len, names), default=0)
        if log_to_console:
            logger.info("%s |  %-10s", "Training".rjust(width + 13), "Validation")
        for name in names:
            train, validation = train_metrics.get(name), val_metrics.get(name)
            if train is not None:
                self.add_train_scalar(name, train, timestep=epoch)
            if validation is not None:
                self.add_validation_scalar(name, validation, timestep=epoch)
            if log_to_console:
                logger.info("%s |  %s  |  %s", name.ljust(width), _in_column(train), _in_column(validation))

    def enable_activation_logging(self, model: Model) -> None:
        """Write, whenever histograms are due, what the modules with `should_log_activations` give."""
        if self._histogram_interval is None:
            return
        for module in model.modules():
            if getattr(module, "should_log_activations", False):
                prefix = f"activation_histogram/{module.__class__}"
                module.register_forward_hook(partial(self._log_activation, prefix))

    def log_activation_histogram(self, outputs: Any, log_prefix: str) -> None:
        """Write histograms of a tensor, or of those in a sequence or mapping; anything else is passed over."""
        if isinstance(outputs, Tensor):
            self.add_train_histogram(log_prefix, outputs)
        elif isinstance(outputs, Mapping):
            for name, output in outputs.items():
                self.add_train_histogram(f"{log_prefix}_{name}", output)
        elif isinstance(outputs, Sequence) and not isinstance(outputs, str):
            self.log_activation_histogram(dict(enumerate(outputs)), log_prefix)

    def close(self) -> None:
        """Write out what is left."""
        for name in ("_train_log", "_validation_log"):
            log = vars(self).get(name)
            if log is not None:
                log.close()

    def _step(self) -> int:
        if self.get_batch_num_total is None:
            raise ValueError("get_batch_num_total: got None; expected a function that says how many steps were taken")
        return self.get_batch_num_total()

    def _log_statistics(self, kind: str, name: str, values: Tensor) -> None:
        if values.numel() > 0:
            self.add_train_scalar(f"{kind}_mean/{name}", values.mean())
        if values.numel() > 1:
            self.add_train_scalar(f"{kind}_std/{name}", values.std())

    def _log_activation(self, prefix: str, module: nn.Module, inputs: Any, outputs: Any) -> None:  # noqa: ARG002
        if self.should_log_histograms_this_batch():
            self.log_activation_histogram(outputs, prefix)


def _in_column(value: float | None) -> str:
    return "     N/A" if value is None else f"{value:8.3f}"
