"""What happens at certain moments of a training."""

from foldformer.training.callbacks.accepted import ConfidenceChecksCallback, MixedPrecisionBackwardCallback
from foldformer.training.callbacks.console_logger import ConsoleLoggerCallback
from foldformer.training.callbacks.log_writer import LogWriterCallback
from foldformer.training.callbacks.should_validate import ShouldValidateCallback
from foldformer.training.callbacks.tensorboard import TensorBoardCallback
from foldformer.training.callbacks.track_epoch import TrackEpochCallback
from foldformer.training.callbacks.trainer_callback import TrainerCallback
from foldformer.training.callbacks.wandb import WandBCallback

__all__ = [
    "ConfidenceChecksCallback",
    "ConsoleLoggerCallback",
    "LogWriterCallback",
    "MixedPrecisionBackwardCallback",
    "ShouldValidateCallback",
    "TensorBoardCallback",
    "TrackEpochCallback",
    "TrainerCallback",
    "WandBCallback",
]
