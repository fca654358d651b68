# ruff: noqa: ARG002  (hooks take what they are given)
"""The model as Lightning sees it."""

import math
from collections.abc import Mapping
from typing import Any

import lightning.pytorch as pl
import torch
from overrides import overrides
from torch import Tensor

from foldformer.models import Model
from foldformer.training.errors import TrainingError
from foldformer.training.fit.losses import LossMeter
from foldformer.training.fit.optimization import make_optimizer
from foldformer.training.fit.trainer_parts import TrainerParts

_MOST_IDS = 3


class ExperimentModule(pl.LightningModule):
    """Runs a model on batches, makes its optimizer and clips its gradients.

    Args:
        parts: Those of the experiment's trainer.
    """

    def __init__(self, parts: TrainerParts) -> None:
        super().__init__()
        self.model: Model = parts.model
        self._settings = parts.settings
        self._state = parts.state
        self._parts = parts
        self._data_loader = parts.data_loader
        self.losses = LossMeter()
        self.outputs: list[Mapping[str, Any]] = []
        self.batches: list[Mapping[str, Any]] = []
        self.gradient_norm: float | None = None

    def training_step(self, batch: Mapping[str, Any], batch_idx: int) -> Tensor:
        """Compute the loss of a batch.

        Raises:
            TrainingError: There is no loss, or it is not a number.
        """
        first, group_size = self._group(batch_idx)
        if batch_idx == first:
            self.outputs, self.batches = [], []
        outputs = self.model(**batch)
        if outputs.get("loss") is None:
            raise TrainingError(
                f"{type(self.model).__name__} gave {', '.join(outputs)}; expected a loss too. "
                "Do the training data have labels, and does the model get them?"
            )
        loss, penalty = self._with_penalty(outputs["loss"])
        value = float(loss.detach())
        if math.isnan(value):
            raise TrainingError(self._describe_nan(batch, batch_idx))
        self.losses.add(value, penalty, 1 / group_size)
        self.outputs.append(outputs)
        self.batches.append(batch)
        # Lightning divides by the full size of a group; the last group of an epoch may be smaller.
        return loss * (self._settings.num_gradient_accumulation_steps / group_size)

    def validation_step(self, batch: Mapping[str, Any], batch_idx: int) -> None:
        """Let the model see a batch, for its metrics."""
        outputs = self.model(**batch)
        self.batches, self.outputs = [batch], [outputs]
        if outputs.get("loss") is not None:
            self.losses.add(float(outputs["loss"]), None, 1)

    @overrides
    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Make the optimizer; the schedules are no business of Lightning's."""
        return make_optimizer(self._settings, self._state, self.model, self._steps_per_epoch())

    @overrides(check_signature=False)
    def backward(self, loss: Tensor, *args: Any, **kwargs: Any) -> None:
        """Compute the gradients, if no callback does it by `on_backward`."""
        outputs = {**self.outputs[-1], "loss": loss}
        called = False
        for callback in self._parts.callbacks:
            called |= bool(callback.on_backward(self._parts, outputs, called))
        if not called:
            super().backward(loss, *args, **kwargs)

    @overrides
    def on_before_optimizer_step(self, optimizer: Any) -> None:
        """Set the learning rates of this step, before the gradients are clipped."""
        step = self._state.total_batches_completed + 1
        for scheduler in self._state.schedulers:
            scheduler.step_batch(step)
        self.gradient_norm = None
        if self._settings.grad_norm is not False:
            gradients = [each.grad.detach() for each in self.model.parameters() if each.grad is not None]
            self.gradient_norm = torch.nn.utils.get_total_norm(gradients).item()

    @overrides
    def configure_gradient_clipping(
        self,
        optimizer: Any,
        gradient_clip_val: int | float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip by `grad_norm`, then by `grad_clipping`, or else as Lightning is told."""
        norm, size = self._settings.grad_norm, self._settings.grad_clipping
        if not isinstance(norm, bool):
            self.clip_gradients(optimizer, norm, "norm")
        if size is not None:
            self.clip_gradients(optimizer, size, "value")
        if gradient_clip_val is not None:
            self.clip_gradients(optimizer, gradient_clip_val, gradient_clip_algorithm)

    @overrides
    def lr_scheduler_step(self, scheduler: Any, metric: Any | None) -> None:
        """Nothing: the schedules are no business of Lightning's."""

    def _steps_per_epoch(self) -> int | None:
        try:
            num_batches = len(self._data_loader)
        except TypeError:
            return None
        return math.ceil(num_batches / self._settings.num_gradient_accumulation_steps)

    def _group(self, batch_idx: int) -> tuple[int, int]:
        """First batch and number of batches of the step that a batch belongs to."""
        size = self._settings.num_gradient_accumulation_steps
        first = batch_idx // size * size
        batches = self.trainer.num_training_batches
        return first, size if batches == math.inf else min(size, int(batches) - first)

    def _with_penalty(self, loss: Tensor) -> tuple[Tensor, float | None]:
        penalty = self.model.get_regularization_penalty()
        if penalty is None:
            return loss, None
        return loss + penalty, penalty.item()

    def _describe_nan(self, batch: Mapping[str, Any], batch_idx: int) -> str:
        step = self._state.total_batches_completed + 1
        return (
            f"the loss is not a number in epoch {self.trainer.current_epoch}, batch {batch_idx}, step {step}"
            f"{_ids(batch)}. Checkpoints of earlier steps are kept. A lower learning rate, warm-up, grad_norm or "
            "float32 are what helps most often"
        )


def _ids(batch: Mapping[str, Any]) -> str:
    for value in batch.values():
        if isinstance(value, (list, tuple)) and value:
            shown = "; ".join(str(each)[:80] for each in value[:_MOST_IDS])
            return f", instances {shown}{' ...' if len(value) > _MOST_IDS else ''}"
    return ""
