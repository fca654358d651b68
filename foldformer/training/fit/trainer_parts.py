"""What running a training needs of its trainer."""

from pathlib import Path
from typing import Protocol

from foldformer.data.data_loaders import DataLoader
from foldformer.training.callbacks import TrainerCallback
from foldformer.training.state.checkpointer import Checkpointer
from foldformer.training.trainer import RunningTrainer
from foldformer.training.trainer_settings import TrainerSettings


class TrainerParts(RunningTrainer, Protocol):
    """A trainer with its settings, its data, and whom it tells."""

    settings: TrainerSettings
    folder: Path
    data_loader: DataLoader
    validation_data_loader: DataLoader | None
    checkpointer: Checkpointer | None
    callbacks: list[TrainerCallback]
