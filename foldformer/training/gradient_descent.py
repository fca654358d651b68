"""The trainer of experiment files: what it is told, and what it knows while it runs."""

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import torch

from foldformer.config import ConfigurationError, Lazy, Provides
from foldformer.data.data_loaders import DataLoader
from foldformer.models import Model
from foldformer.training.callbacks import ConsoleLoggerCallback, TensorBoardCallback, TrainerCallback
from foldformer.training.checkpointer import Checkpointer
from foldformer.training.distributed import DistributedBlock
from foldformer.training.errors import wrong_at
from foldformer.training.learning_rate_schedulers import LearningRateScheduler
from foldformer.training.metric_tracker import MetricTracker
from foldformer.training.momentum_schedulers import MomentumScheduler
from foldformer.training.moving_average import MovingAverage
from foldformer.training.optimizers import Optimizer
from foldformer.training.trainer import Trainer

logger = logging.getLogger(__name__)

LazyOptimizer = Annotated[Lazy[Optimizer], Provides("model_parameters")]
LazyLearningRates = Annotated[Lazy[LearningRateScheduler], Provides("optimizer", "num_epochs", "num_steps_per_epoch")]
LazyMomenta = Annotated[Lazy[MomentumScheduler], Provides("optimizer")]
LazyAverage = Annotated[Lazy[MovingAverage], Provides("parameters")]
LazyCheckpointer = Annotated[Lazy[Checkpointer], Provides("serialization_dir")]
LazyCallback = Annotated[Lazy[TrainerCallback], Provides("serialization_dir")]


@Trainer.register("gradient_descent")
class GradientDescentTrainer(Trainer):
    """Train with Lightning; the keys are those of AllenNLP's trainer, and `lightning` is handed to Lightning's.

    Args:
        model: The model; handed over.
        serialization_dir: The training folder; handed over.
        data_loader: Batches of training data; handed over.
        validation_data_loader: Batches of validation data; handed over.
        distributed: The block `distributed` of the file; handed over.
        local_rank: Accepted and ignored: Lightning knows.
        world_size: The same.
        patience: Epochs without a better one after which to stop; null never stops.
        validation_metric: A metric after "+", for larger is better, or "-"; of several the sum decides.
        num_epochs: Most epochs.
        cuda_device: Number of the GPU; -1 is the processor; null takes a GPU where there is one.
        grad_norm: Most norm of all gradients together; true only computes it, for callbacks.
        grad_clipping: Most size of every single gradient.
        num_gradient_accumulation_steps: Batches before the optimizer takes a step.
        use_amp: Compute in 16 bits where that is safe.
        no_grad: Parameters that one of these regular expressions finds are not trained.
        optimizer: Takes the steps.
        learning_rate_scheduler: Changes the learning rates.
        momentum_scheduler: Changes the momentum.
        moving_average: Averages of the parameters that stand in for them while validating.
        checkpointer: When to save checkpoints; null saves none.
        callbacks: What happens at certain moments.
        enable_default_callbacks: Show the metrics of every epoch, and write curves for TensorBoard if it is installed.
        run_confidence_checks: Accepted and ignored.
        run_sanity_checks: Accepted and ignored.
        grad_scaling: With `use_amp` on a GPU: float16 with scaled gradients; false takes bfloat16, which needs none.
        ddp_accelerator: As in `distributed`.
        lightning: Arguments of `lightning.Trainer`; they win over what the other keys say.

    Raises:
        ConfigurationError: A number is out of range.
    """

    def __init__(
        self,
        model: Model,
        serialization_dir: str,
        data_loader: DataLoader,
        validation_data_loader: DataLoader | None = None,
        distributed: DistributedBlock | None = None,
        local_rank: int = 0,
        world_size: int = 1,
        patience: int | None = None,
        validation_metric: str | list[str] = "-loss",
        num_epochs: int = 20,
        cuda_device: int | None = None,
        grad_norm: float | bool = False,
        grad_clipping: float | None = None,
        num_gradient_accumulation_steps: int = 1,
        use_amp: bool = False,
        no_grad: list[str] | None = None,
        optimizer: LazyOptimizer = Lazy(Optimizer),  # noqa: B008
        learning_rate_scheduler: LazyLearningRates | None = None,
        momentum_scheduler: LazyMomenta | None = None,
        moving_average: LazyAverage | None = None,
        checkpointer: LazyCheckpointer | None = Lazy(Checkpointer),  # noqa: B008
        callbacks: list[LazyCallback] | None = None,
        enable_default_callbacks: bool = True,
        run_confidence_checks: bool = True,
        run_sanity_checks: bool | None = None,
        grad_scaling: bool = True,
        ddp_accelerator: dict[str, Any] | str | None = None,
        lightning: dict[str, Any] | None = None,
    ) -> None:
        del local_rank, world_size, run_confidence_checks
        _check_at_least_one("num_epochs", num_epochs)
        _check_at_least_one("num_gradient_accumulation_steps", num_gradient_accumulation_steps)
        if run_sanity_checks is not None:
            logger.warning("trainer.run_sanity_checks is ignored")
        self.model = model
        self.folder = Path(serialization_dir)
        self.data_loader = data_loader
        self.validation_data_loader = validation_data_loader
        self.distributed = distributed
        self.metric_tracker = MetricTracker(validation_metric, patience)
        self.num_epochs = num_epochs
        self.cuda_device = cuda_device
        self.grad_norm = grad_norm
        self.grad_clipping = grad_clipping
        self.num_gradient_accumulation_steps = num_gradient_accumulation_steps
        self.use_amp = use_amp
        self.grad_scaling = grad_scaling
        self.no_grad = no_grad or []
        self.ddp_accelerator = ddp_accelerator
        self.lightning = lightning or {}
        self.lazy_optimizer = optimizer
        self.lazy_learning_rate_scheduler = learning_rate_scheduler
        self.lazy_momentum_scheduler = momentum_scheduler
        self.lazy_moving_average = moving_average
        self.checkpointer = (
            None if checkpointer is None else checkpointer.construct(serialization_dir=serialization_dir)
        )
        self.callbacks = [each.construct(serialization_dir=serialization_dir) for each in callbacks or []]
        if enable_default_callbacks and not any(isinstance(each, ConsoleLoggerCallback) for each in self.callbacks):
            self.callbacks.append(ConsoleLoggerCallback(serialization_dir, should_log_inputs=False))
        has_curves = any(isinstance(each, TensorBoardCallback) for each in self.callbacks)
        if enable_default_callbacks and not has_curves and find_spec("tensorboard") is not None:
            self.callbacks.append(TensorBoardCallback(serialization_dir))
        self.optimizer: torch.optim.Optimizer | None = None
        self.learning_rate_scheduler: LearningRateScheduler | None = None
        self.momentum_scheduler: MomentumScheduler | None = None
        self.moving_average: MovingAverage | None = None
        self.epochs_completed = 0
        self.batches_in_epoch_completed = 0
        self.total_batches_completed = 0

    def train(self) -> dict[str, Any]:
        """Train; leaves the best weights in the model and in the training folder.

        Raises:
            ConfigurationError: The metric that decides is not reported, or the optimizer does not fit the model.
            TrainingError: The loss is not a number.
        """
        # Not at the top: Lightning is slow to import, and only training needs it.
        from foldformer.training.fit.run import fit

        return fit(self)

    def make_optimizer(self, model: torch.nn.Module, num_steps_per_epoch: int | None) -> torch.optim.Optimizer:
        """Make the optimizer, the schedules and the averages.

        Args:
            model: Where the parameters are: the model, or what a strategy has made of it.
            num_steps_per_epoch: Steps of the optimizer; None where the data loader cannot tell.

        Raises:
            ConfigurationError: No parameter is left to train.
        """
        named = [
            (_plain_name(name), parameter) for name, parameter in model.named_parameters() if parameter.requires_grad
        ]
        if not named:
            raise ConfigurationError(
                "trainer: the model has no parameter to train; expected one that neither no_grad nor "
                "train_parameters: false freezes"
            )
        self.optimizer = optimizer = self.lazy_optimizer.construct(model_parameters=named)
        if self.lazy_learning_rate_scheduler is not None:
            self.learning_rate_scheduler = self.lazy_learning_rate_scheduler.construct(
                optimizer=optimizer, num_epochs=self.num_epochs, num_steps_per_epoch=num_steps_per_epoch
            )
        if self.lazy_momentum_scheduler is not None:
            self.momentum_scheduler = self.lazy_momentum_scheduler.construct(optimizer=optimizer)
        if self.lazy_moving_average is not None:
            self.moving_average = self.lazy_moving_average.construct(parameters=named)
        return optimizer

    @property
    def schedulers(self) -> list[LearningRateScheduler | MomentumScheduler]:
        """The schedules there are."""
        both = (self.learning_rate_scheduler, self.momentum_scheduler)
        return [scheduler for scheduler in both if scheduler is not None]


def _check_at_least_one(key: str, value: int) -> None:
    if value < 1:
        raise wrong_at(f"trainer.{key}", f"got {value}; expected at least 1")


def _plain_name(name: str) -> str:
    # FSDP and torch.compile put names of their own in between.
    return name.replace("_fsdp_wrapped_module.", "").replace("_orig_mod.", "")
