"""What a model is worth on data."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch

from foldformer.config import ConfigurationError
from foldformer.config.nearest import one_of, show
from foldformer.data.devices import move_to_device
from foldformer.models import Model
from foldformer.training.distributed import sum_over_processes

Watcher = Callable[[Mapping[str, Any], Mapping[str, float]], None]


@torch.no_grad()
def evaluate(
    model: Model, batches: Iterable[Mapping[str, Any]], *, batch_weight_key: str = "", on_batch: Watcher | None = None
) -> dict[str, Any]:
    """Compute a model's metrics over data; where several processes run, each over its share, and all together.

    Args:
        model: Put into evaluation mode.
        batches: The data.
        batch_weight_key: What the model gives under this name weights the loss of a batch; by default all are equal.
        on_batch: Called with the outputs of every batch and the metrics so far.

    Returns:
        The metrics of the model, and `loss`, averaged over the batches, where there are labels.

    Raises:
        ConfigurationError: The model gives nothing under `batch_weight_key`.
    """
    model.eval()
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    total = weights = 0.0
    for batch in batches:
        outputs = model(**move_to_device(batch, device))
        if outputs.get("loss") is not None:
            weight = _weight(outputs, batch_weight_key)
            total += float(outputs["loss"]) * weight
            weights += weight
        if on_batch is not None:
            so_far = {"loss": total / weights} if weights else {}
            on_batch(outputs, {**model.get_metrics(reset=False), **so_far})
    metrics = dict(model.get_metrics(reset=True))
    total, weights = sum_over_processes([total, weights], device)
    return {**metrics, "loss": total / weights} if weights else metrics


def _weight(outputs: Mapping[str, Any], key: str) -> float:
    if not key:
        return 1.0
    if key not in outputs:
        raise ConfigurationError(f"batch_weight_key: got {show(key)}; expected {one_of(sorted(outputs))}")
    return float(outputs[key])
