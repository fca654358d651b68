# ruff: noqa: ARG002  (hooks take what they are given)
"""What happens around Lightning's loop: metrics, schedules, averages, callbacks, checkpoints, early stopping."""

import datetime
import json
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import lightning.pytorch as pl
import torch
from overrides import overrides

from foldformer.config.registrable import qualified_name
from foldformer.training.callbacks import ShouldValidateCallback, TrainerCallback
from foldformer.training.distributed import gather_objects, is_distributed
from foldformer.training.fit.checkpoints import save_best_weights, save_checkpoint
from foldformer.training.fit.experiment_module import ExperimentModule
from foldformer.training.fit.first_look import check_validation_metric
from foldformer.training.fit.loaders import ExperimentData
from foldformer.training.fit.losses import LossMeter
from foldformer.training.fit.memory import peak_memory
from foldformer.training.fit.metric_state import metric_state, set_metric_state
from foldformer.training.fit.trainer_parts import TrainerParts
from foldformer.training.report.metrics_files import write_metrics
from foldformer.training.state.checkpointer import Moment
from foldformer.training.state.random_state import random_state


class Bookkeeper(pl.Callback):
    """Does at the moments that Lightning announces what an experiment file asks for.

        for epoch in epochs:
            for batch in epoch: gradients, schedules, step, averages, callbacks, perhaps a checkpoint
            metrics of training; averages in; validation, callbacks; metrics of validation; averages out
            metrics file, schedules, callbacks, best weights, checkpoint, perhaps the end

    Args:
        parts: Those of the experiment's trainer.
        data: Its loaders.
        module: Its model, as Lightning sees it.
    """

    def __init__(self, parts: TrainerParts, data: ExperimentData, module: ExperimentModule) -> None:
        self._parts = parts
        self._state = parts.state
        self._module = module
        self._data = data
        self._training_metrics: dict[str, float] = {}
        self._validation_metrics: dict[str, float] = {}
        self._has_validated = False
        self._told_callbacks: list[TrainerCallback] = []
        self._started = time.monotonic()
        self._duration_before = 0.0
        self._pending: dict[str, Any] | None = None
        self.metrics: dict[str, Any] = {}
        self.batch_metrics: dict[str, Any] = {}

    @overrides
    def on_train_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Take up the rest of a checkpoint, or try out one batch of validation data; then call `on_start`."""
        self._finish_loading()
        self._started = time.monotonic()
        for callback in self._parts.callbacks:
            self._told_callbacks.append(callback)
            callback.on_start(self._parts, is_primary=trainer.is_global_zero)

    @overrides
    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Decide whether this epoch will be validated."""
        deciders = [each for each in self._parts.callbacks if isinstance(each, ShouldValidateCallback)]
        if deciders:
            epoch = trainer.current_epoch
            is_due = all(each.should_validate(epoch) for each in deciders)
            trainer.check_val_every_n_epoch = 1 if is_due else epoch + 2

    @overrides
    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Count a step, if the optimizer took one."""
        size = self._parts.settings.num_gradient_accumulation_steps
        self._state.batches_in_epoch_completed = batch_idx + 1
        is_last = (
            batch_idx + 1 == trainer.num_training_batches or trainer.fit_loop.epoch_loop.batch_progress.is_last_batch
        )
        if (batch_idx + 1) % size and not is_last:
            return
        self._state.total_batches_completed += 1
        if self._state.moving_average is not None:
            self._state.moving_average.apply(self._state.total_batches_completed)
        self._tell_batch(trainer, pl_module, batch_idx // size + 1, True)
        if not is_last:
            self._maybe_save(trainer, epoch_is_complete=False)

    @overrides
    def on_validation_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Close the books on training, for the metrics of the model begin anew."""
        if trainer.state.fn == "fit":
            self._training_metrics = self._take_metrics(pl_module)
            if self._state.moving_average is not None:
                self._state.moving_average.assign_average_value()

    @overrides
    def on_validation_batch_end(
        self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Call `on_batch`."""
        self._tell_batch(trainer, pl_module, batch_idx + 1, False)

    @overrides
    def on_validation_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Close the books on validation."""
        if trainer.state.fn != "fit":
            return
        if self._state.moving_average is not None:
            self._state.moving_average.restore()
        self._validation_metrics = self._take_metrics(pl_module)
        self._state.metric_tracker.check_names(list(self._validation_metrics))
        self._has_validated = True

    @overrides
    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Write the metrics, step the schedules, call `on_epoch`, save: in this order.

        The checkpoint comes last: it holds schedules and callbacks as the next epoch needs them.
        """
        epoch = trainer.current_epoch
        if not self._has_validated:
            self._training_metrics = self._take_metrics(pl_module)
        score = self._note_metrics(epoch, peak_memory())
        if trainer.is_global_zero:
            write_metrics(self._parts.folder / f"metrics_epoch_{epoch}.json", self.metrics)
        for scheduler in self._state.schedulers:
            scheduler.step(score)
        for callback in self._parts.callbacks:
            callback.on_epoch(self._parts, metrics=self.metrics, epoch=epoch, is_primary=trainer.is_global_zero)
        self._state.epochs_completed = epoch + 1
        self._state.batches_in_epoch_completed = 0
        if self._is_best():
            self._save_best(trainer)
        self._has_validated = False
        self._maybe_save(trainer, epoch_is_complete=True)
        if self._state.metric_tracker.should_stop_early():
            trainer.should_stop = True

    @overrides
    def on_train_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Call `on_end`."""
        self._tell_end(trainer)

    @overrides
    def on_exception(self, trainer: pl.Trainer, pl_module: Any, exception: BaseException) -> None:
        """Call `on_end`, so that logs are closed."""
        self._tell_end(trainer)

    @overrides
    def state_dict(self) -> dict[str, Any]:
        """Everything that training goes on from, beside weights and optimizer; to be called in every process."""
        state, average, loader = self._state, self._state.moving_average, self._data.train_loader
        return {
            "tracker": state.metric_tracker.state_dict(),
            "schedulers": [scheduler.state_dict() for scheduler in state.schedulers],
            "moving_average": None if average is None else average.state_dict(),
            "callbacks": [(qualified_name(type(each)), each.state_dict()) for each in self._parts.callbacks],
            "epochs_completed": state.epochs_completed,
            "batches_in_epoch_completed": state.batches_in_epoch_completed,
            "total_batches_completed": state.total_batches_completed,
            "metrics": json.dumps(self.metrics),
            "validation_metrics": json.dumps(self._validation_metrics),
            "duration": self._duration(),
            "random": gather_objects((loader.state_at_start, random_state())),
            "running": gather_objects(self._running()) if state.batches_in_epoch_completed else [],
        }

    @overrides
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._state.metric_tracker.load_state_dict(state_dict["tracker"])
        self._state.epochs_completed = state_dict["epochs_completed"]
        self._state.batches_in_epoch_completed = state_dict["batches_in_epoch_completed"]
        self._state.total_batches_completed = state_dict["total_batches_completed"]
        self.metrics = json.loads(state_dict["metrics"])
        self._validation_metrics = json.loads(state_dict["validation_metrics"])
        self._duration_before = state_dict["duration"]
        states: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for name, own_state in state_dict["callbacks"]:
            states[name].append(own_state)
        for callback in self._parts.callbacks:
            own = states[qualified_name(type(callback))]
            if own:  # a training that goes on may have other callbacks
                callback.load_state_dict(own.pop(0))
        self._pending = state_dict
        self._resume_loader(state_dict["random"])

    def _finish_loading(self) -> None:
        # Only now is the optimizer there, and with it the schedules and the averages.
        state, self._pending = self._pending, None
        if state is None:
            check_validation_metric(self._parts, self._module.device)
            return
        for scheduler, own in zip(self._state.schedulers, state["schedulers"], strict=True):
            scheduler.load_state_dict(own)
        if self._state.moving_average is not None and state["moving_average"] is not None:
            self._state.moving_average.load_state_dict(state["moving_average"])
        if state["running"]:
            metrics, losses = state["running"][_rank() % len(state["running"])]
            set_metric_state(self._parts.model, metrics)
            self._module.losses = LossMeter(*losses)

    def _resume_loader(self, states: list[Any]) -> None:
        at_start, now = states[_rank() % len(states)]
        batches = self._state.batches_in_epoch_completed
        self._data.train_loader.resume_at(now if batches == 0 else at_start, now, batches)

    def _running(self) -> tuple[list[dict[str, Any]], tuple[float, float, float, bool]]:
        return metric_state(self._parts.model), self._module.losses.as_tuple()

    def _take_metrics(self, module: ExperimentModule) -> dict[str, float]:
        metrics = {name: _plain(value) for name, value in module.model.get_metrics(reset=True).items()}
        losses = module.losses.metrics_of_all(module.device)
        module.losses = LossMeter()
        return {**metrics, **losses}

    def _note_metrics(self, epoch: int, memory: Mapping[str, float]) -> float | None:
        tracker, score = self._state.metric_tracker, None
        for name, value in memory.items():
            self.metrics[f"peak_{name}"] = max(self.metrics.get(f"peak_{name}", 0.0), value)
        self.metrics["training_duration"] = str(datetime.timedelta(seconds=self._duration()))
        self.metrics["epoch"] = epoch
        for part, values in (
            ("training", {**self._training_metrics, **memory}),
            ("validation", self._validation_metrics),
        ):
            self.metrics.update({f"{part}_{name}": value for name, value in values.items()})
        if self._has_validated:
            score = tracker.combined_score(self._validation_metrics)
            tracker.add_metrics(self._validation_metrics)
        if self._is_best():
            self.metrics["best_epoch"] = epoch
            best = self._validation_metrics if self._has_validated else {}
            self.metrics.update({f"best_validation_{name}": value for name, value in best.items()})
        return score

    def _is_best(self) -> bool:
        # Until an epoch has been validated, the last one counts as the best.
        tracker = self._state.metric_tracker
        return tracker.is_best_so_far() and (self._has_validated or tracker.best_epoch is None)

    def _save_best(self, trainer: pl.Trainer) -> None:
        average = self._state.moving_average
        if average is not None:
            average.assign_average_value()
        try:
            save_best_weights(trainer, self._parts.folder)
        finally:
            if average is not None:
                average.restore()

    def _maybe_save(self, trainer: pl.Trainer, epoch_is_complete: bool) -> None:
        checkpointer = self._parts.checkpointer
        if checkpointer is None:
            return
        moment = Moment(self._state.epochs_completed, self._state.batches_in_epoch_completed)
        is_due = checkpointer.is_due(moment, epoch_is_complete)
        if checkpointer.depends_on_time:
            is_due = gather_objects(is_due)[0]
        if is_due:
            save_checkpoint(trainer, checkpointer.path(moment))
            if trainer.is_global_zero:
                checkpointer.note_saved()

    def _tell_batch(self, trainer: pl.Trainer, module: ExperimentModule, number: int, is_training: bool) -> None:
        own = {} if is_distributed() else module.model.get_metrics(reset=False)
        self.batch_metrics = {**{name: _plain(value) for name, value in own.items()}, **module.losses.metrics()}
        for callback in self._parts.callbacks:
            callback.on_batch(
                self._parts,
                module.batches,
                module.outputs,
                self.batch_metrics,
                trainer.current_epoch,
                number,
                is_training=is_training,
                is_primary=trainer.is_global_zero,
                batch_grad_norm=module.gradient_norm if is_training else None,
            )

    def _tell_end(self, trainer: pl.Trainer) -> None:
        epoch = self.metrics.get("epoch")
        for callback in self._told_callbacks:
            callback.on_end(self._parts, metrics=self.metrics, epoch=epoch, is_primary=trainer.is_global_zero)

    def _duration(self) -> float:
        return self._duration_before + time.monotonic() - self._started


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value


def _rank() -> int:
    return torch.distributed.get_rank() if is_distributed() else 0
