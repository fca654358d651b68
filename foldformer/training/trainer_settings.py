"""What an experiment file says about training."""

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from foldformer.config import AtLeastOne, Lazy, Provides, RegularExpression
from foldformer.training.callbacks import TrainerCallback
from foldformer.training.distributed import DistributedBlock
from foldformer.training.errors import wrong_at
from foldformer.training.learning_rate_schedulers import LearningRateScheduler
from foldformer.training.momentum_schedulers import MomentumScheduler
from foldformer.training.optimizers import Optimizer
from foldformer.training.state.checkpointer import Checkpointer
from foldformer.training.state.moving_average import MovingAverage

logger = logging.getLogger(__name__)

Constructor = TypeVar("Constructor", bound=Callable[..., None])
LazyOptimizer = Annotated[Lazy[Optimizer], Provides("model_parameters")]
LazyLearningRates = Annotated[Lazy[LearningRateScheduler], Provides("optimizer", "num_epochs", "num_steps_per_epoch")]
LazyMomenta = Annotated[Lazy[MomentumScheduler], Provides("optimizer")]
LazyAverage = Annotated[Lazy[MovingAverage], Provides("parameters")]
LazyCheckpointer = Annotated[Lazy[Checkpointer], Provides("serialization_dir")]
LazyCallback = Annotated[Lazy[TrainerCallback], Provides("serialization_dir")]


@dataclass(frozen=True)
class TrainerSettings:
    """The keys of the block `trainer`, which are those of AllenNLP's trainer; `lightning` is handed to Lightning's.

    Args:
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

    distributed: DistributedBlock | None = None
    local_rank: int = 0
    world_size: int = 1
    patience: AtLeastOne | None = None
    validation_metric: str | list[str] = "-loss"
    num_epochs: AtLeastOne = 20
    cuda_device: int | None = None
    grad_norm: float | bool = False
    grad_clipping: float | None = None
    num_gradient_accumulation_steps: AtLeastOne = 1
    use_amp: bool = False
    no_grad: list[RegularExpression] | None = None
    optimizer: LazyOptimizer = Lazy(Optimizer)  # noqa: RUF009  (never changed)
    learning_rate_scheduler: LazyLearningRates | None = None
    momentum_scheduler: LazyMomenta | None = None
    moving_average: LazyAverage | None = None
    checkpointer: LazyCheckpointer | None = Lazy(Checkpointer)  # noqa: RUF009
    callbacks: list[LazyCallback] | None = None
    enable_default_callbacks: bool = True
    run_confidence_checks: bool = True
    run_sanity_checks: bool | None = None
    grad_scaling: bool = True
    ddp_accelerator: dict[str, Any] | str | None = None
    lightning: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        for key in ("num_epochs", "num_gradient_accumulation_steps"):
            if getattr(self, key) < 1:
                raise wrong_at(f"trainer.{key}", f"got {getattr(self, key)}; expected at least 1")
        if self.run_sanity_checks is not None:
            logger.warning("trainer.run_sanity_checks is ignored")


def with_keys_of(settings: type) -> Callable[[Constructor], Constructor]:
    """Let a constructor that collects `**keys` for a dataclass declare the fields as parameters of its own.

    Args:
        settings: The dataclass.
    """
    fields = [
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in inspect.signature(settings).parameters.values()
    ]

    def decorate(constructor: Constructor) -> Constructor:
        signature = inspect.signature(constructor)
        own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        vars(constructor)["__signature__"] = signature.replace(parameters=[*own, *fields])
        constructor.__doc__ = settings.__doc__
        return constructor

    return decorate
