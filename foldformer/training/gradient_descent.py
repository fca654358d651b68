"""The trainer of experiment files."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from overrides import overrides

from foldformer.config.optional import import_optional
from foldformer.data.data_loaders import DataLoader
from foldformer.models import Model
from foldformer.training.callbacks import ConsoleLoggerCallback, TensorBoardCallback, TrainerCallback
from foldformer.training.metric_tracker import MetricTracker
from foldformer.training.state.training_state import TrainingState
from foldformer.training.trainer import Trainer
from foldformer.training.trainer_settings import TrainerSettings, with_keys_of


@Trainer.register("gradient_descent")
class GradientDescentTrainer(Trainer):
    """Train with Lightning; the keys are those of AllenNLP's trainer, and `lightning` is handed to Lightning's.

    `settings` is what the file says, `state` how far training is, and `foldformer.training.fit` what runs it.

    Args:
        model: The model; handed over.
        serialization_dir: The training folder; handed over.
        data_loader: Batches of training data; handed over.
        validation_data_loader: Batches of validation data; handed over.
        **keys: The fields of `TrainerSettings`.

    Raises:
        ConfigurationError: A number is out of range.
    """

    @with_keys_of(TrainerSettings)
    def __init__(
        self,
        model: Model,
        serialization_dir: str,
        data_loader: DataLoader,
        validation_data_loader: DataLoader | None = None,
        **keys: Any,
    ) -> None:
        self.settings = settings = TrainerSettings(**keys)
        self.state = TrainingState(MetricTracker(settings.validation_metric, settings.patience))
        self.model = model
        self.folder = Path(serialization_dir)
        self.data_loader = data_loader
        self.validation_data_loader = validation_data_loader
        checkpointer = settings.checkpointer
        self.checkpointer = (
            None if checkpointer is None else checkpointer.construct(serialization_dir=serialization_dir)
        )
        self.callbacks = _make_callbacks(settings, serialization_dir)

    @overrides
    def prepare(self) -> None:
        """Freeze parameters, and make the optimizer and its schedules."""
        import_optional("lightning", extra="train")
        from foldformer.training.fit.run import prepare

        prepare(self)

    @overrides
    def train(self) -> dict[str, Any]:
        """Train; leaves the best weights in the model and in the training folder.

        Raises:
            ConfigurationError: The metric that decides is not reported, or the optimizer does not fit the model.
            TrainingError: The loss is not a number.
        """
        # Not at the top: Lightning is slow to import, and only training needs it.
        import_optional("lightning", extra="train")
        from foldformer.training.fit.run import run

        return run(self)

    @property
    def optimizer(self) -> torch.optim.Optimizer | None:
        """Takes the steps; None before training begins."""
        return self.state.optimizer

    @property
    def epochs_completed(self) -> int:
        """Whole epochs so far."""
        return self.state.epochs_completed

    @property
    def total_batches_completed(self) -> int:
        """Steps of the optimizer so far."""
        return self.state.total_batches_completed


def _make_callbacks(settings: TrainerSettings, serialization_dir: str) -> list[TrainerCallback]:
    callbacks = [each.construct(serialization_dir=serialization_dir) for each in settings.callbacks or []]
    if not settings.enable_default_callbacks:
        return callbacks
    if not any(isinstance(each, ConsoleLoggerCallback) for each in callbacks):
        callbacks.append(ConsoleLoggerCallback(serialization_dir, should_log_inputs=False))
    has_curves = any(isinstance(each, TensorBoardCallback) for each in callbacks)
    if not has_curves and find_spec("tensorboard") is not None:
        callbacks.append(TensorBoardCallback(serialization_dir))
    return callbacks
