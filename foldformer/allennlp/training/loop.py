"""What AllenNLP's training loop was made of, for projects with a loop of their own."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from foldformer.data.data_loaders.data_loader import DataLoader
from foldformer.data.devices import int_to_device
from foldformer.models import Model
from foldformer.nn.functions.tensors import clamp_tensor
from foldformer.training import evaluation
from foldformer.training.predictors.sanitize import sanitize
from foldformer.training.report.metrics_files import dump_metrics

_TIME = "%Y-%m-%d-%H-%M-%S"
_NOT_METRICS = {"duration", "start_epoch", "epochs"}


def evaluate(
    model: Model,
    data_loader: DataLoader,
    cuda_device: int | torch.device = -1,
    batch_weight_key: str | None = None,
    output_file: str | Path | None = None,
    predictions_output_file: str | Path | None = None,
) -> dict[str, Any]:
    """Compute a model's metrics over data.

    Args:
        model: Put into evaluation mode; where it is not on the device, it is moved there.
        data_loader: The data.
        cuda_device: Number of a GPU; negative: the processor.
        batch_weight_key: What the model gives under this name weights the loss of a batch; by default all are equal.
        output_file: Where the metrics are written to.
        predictions_output_file: Where what the model gives is written to, one line a batch.

    Raises:
        ConfigurationError: The model gives nothing under `batch_weight_key`.
    """
    lines: list[str] = []

    def keep(outputs: Mapping[str, Any], _: Mapping[str, float]) -> None:
        readable = model.make_output_human_readable(dict(outputs))
        lines.append(json.dumps(sanitize(readable)) + "\n")

    watcher = keep if predictions_output_file else None
    model.to(int_to_device(cuda_device))
    metrics = evaluation.evaluate(model, data_loader, batch_weight_key=batch_weight_key or "", on_batch=watcher)
    if predictions_output_file:
        Path(predictions_output_file).write_text("".join(lines), encoding="utf-8")
    if output_file:
        dump_metrics(output_file, metrics, log=True)
    return metrics


def get_metrics(
    model: Model,
    total_loss: float,
    total_reg_loss: float | None,
    batch_loss: float | None,
    batch_reg_loss: float | None,
    num_batches: int,
    reset: bool = False,
) -> dict[str, float]:
    """A model's metrics, and its losses.

    Args:
        model: Whose metrics.
        total_loss: Sum over the batches so far; the mean of it is given as `loss`.
        total_reg_loss: The same of the penalty, given as `reg_loss`; None: there is none.
        batch_loss: Of the last batch; None: left out.
        batch_reg_loss: Of the last batch; None: left out.
        num_batches: How many batches.
        reset: Begin the metrics anew.
    """
    losses: dict[str, float | None] = {"batch_loss": batch_loss, "loss": _mean(total_loss, num_batches)}
    if total_reg_loss is not None:
        losses |= {"batch_reg_loss": batch_reg_loss, "reg_loss": _mean(total_reg_loss, num_batches)}
    return {**model.get_metrics(reset=reset), **{name: loss for name, loss in losses.items() if loss is not None}}


def description_from_metrics(metrics: Mapping[str, float]) -> str:
    """What a progress bar says of metrics; those whose names begin with "_" are left out."""
    return ", ".join(f"{name}: {value:.4f}" for name, value in metrics.items() if not name.startswith("_")) + " ||"


def get_train_and_validation_metrics(metrics: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Metrics of training and of validation apart, without "training_" and "validation_" before their names."""
    of_training = _without_prefix(metrics, "training_")
    kept = {name: value for name, value in of_training.items() if name not in _NOT_METRICS}
    return kept, _without_prefix(metrics, "validation_")


def get_batch_size(batch: Any) -> int:
    """How many instances a batch has; 0 where nothing in it says so."""
    if isinstance(batch, Tensor):
        return batch.size(0)
    return get_batch_size(next(iter(batch.values()))) if isinstance(batch, Mapping) and batch else 0


def enable_gradient_clipping(model: nn.Module, grad_clipping: float | None) -> None:
    """Bound every number of every gradient from now on, as soon as it is computed."""
    if grad_clipping is None:
        return
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.register_hook(  # type: ignore[no-untyped-call]
                lambda gradient: clamp_tensor(gradient, -grad_clipping, grad_clipping)
            )


def rescale_gradients(model: nn.Module, grad_norm: float | None = None) -> Tensor | None:
    """Shorten the gradients so that their norm, all together, is at most the given one; give the norm they had."""
    gradients = [parameter for parameter in model.parameters() if parameter.grad is not None]
    return clip_grad_norm_(gradients, grad_norm) if grad_norm else None


def move_optimizer_to_cuda(optimizer: torch.optim.Optimizer) -> None:
    """Move what an optimizer remembers of each parameter to the parameter's GPU."""
    for parameter in _parameters(optimizer):
        state = optimizer.state[parameter] if parameter.is_cuda else {}
        for name, value in state.items():
            if isinstance(value, Tensor):
                state[name] = value.to(parameter.device)


def time_to_str(timestamp: float) -> str:
    """Seconds since 1970 as year, month, day, hours, minutes and seconds of the clock here, with dashes between."""
    return datetime.fromtimestamp(timestamp).strftime(_TIME)


def str_to_time(time_str: str) -> datetime:
    """Read what `time_to_str` wrote."""
    return datetime.strptime(time_str, _TIME)


def _mean(total: float, count: int) -> float:
    return float(total / count) if count else 0.0


def _without_prefix(metrics: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in metrics.items() if name.startswith(prefix)}


def _parameters(optimizer: torch.optim.Optimizer) -> Iterable[Tensor]:
    return (parameter for group in optimizer.param_groups for parameter in group["params"])
