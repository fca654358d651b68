"""The schedules of torch and transformers under their names in experiment files.

They change by the epoch, also those that count "steps": experiment files with these names have always meant that.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from overrides import overrides
from torch.optim.lr_scheduler import ExponentialLR, LRScheduler, MultiStepLR, ReduceLROnPlateau, StepLR
from transformers.optimization import (
    get_constant_schedule,
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_cosine_with_hard_restarts_schedule_with_warmup,
)

from foldformer.config import ConfigurationError
from foldformer.training.declared_options import declared_options, give_constructor
from foldformer.training.learning_rate_schedulers.learning_rate_scheduler import LearningRateScheduler


class WrappedScheduler(LearningRateScheduler):
    """A schedule that torch computes.

    Args:
        lr_scheduler: Torch's.
    """

    def __init__(self, lr_scheduler: LRScheduler) -> None:
        self.lr_scheduler = lr_scheduler

    @overrides
    def get_values(self) -> Sequence[float]:
        """The learning rates now."""
        return [float(value) for value in self.lr_scheduler.get_last_lr()]

    @overrides
    def step(self, metric: float | None = None) -> None:  # noqa: ARG002
        """Note the end of an epoch."""
        self.lr_scheduler.step()

    @overrides
    def state_dict(self) -> dict[str, Any]:
        """Torch's."""
        return self.lr_scheduler.state_dict()

    @overrides
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the state of another scheduler."""
        self.lr_scheduler.load_state_dict(state_dict)


class DeclaredScheduler(WrappedScheduler):
    """A schedule that `make` makes of an optimizer, of the options that the class body lists, and of `last_epoch`."""

    make: Callable[..., LRScheduler]

    def __init__(self, optimizer: torch.optim.Optimizer, *args: Any, **options: Any) -> None:
        super().__init__(self.make(optimizer, *args, **options))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "make" in vars(cls):
            first, last = list(inspect.signature(LearningRateScheduler.__init__).parameters.values())[1:]
            parameters = [first, *declared_options(cls), last]
            give_constructor(cls, parameters, lambda self, given: DeclaredScheduler.__init__(self, **given))


@LearningRateScheduler.register("constant")
class ConstantScheduler(DeclaredScheduler):
    """The same learning rate always."""

    make = staticmethod(get_constant_schedule)


@LearningRateScheduler.register("constant_with_warmup")
class ConstantWithWarmupScheduler(DeclaredScheduler):
    """From zero up to the learning rate over `num_warmup_steps` epochs, and constant then."""

    make = staticmethod(get_constant_schedule_with_warmup)
    num_warmup_steps: int


@LearningRateScheduler.register("cosine_with_warmup")
class CosineWithWarmupScheduler(DeclaredScheduler):
    """Up over `num_warmup_steps` epochs, and down a cosine until `num_training_steps`."""

    make = staticmethod(get_cosine_schedule_with_warmup)
    num_warmup_steps: int
    num_training_steps: int
    num_cycles: float = 0.5


@LearningRateScheduler.register("cosine_hard_restarts_with_warmup")
class CosineHardRestartsWithWarmupScheduler(DeclaredScheduler):
    """Up over `num_warmup_steps` epochs, and then `num_cycles` times down a cosine until `num_training_steps`."""

    make = staticmethod(get_cosine_with_hard_restarts_schedule_with_warmup)
    num_warmup_steps: int
    num_training_steps: int
    num_cycles: int = 1


@LearningRateScheduler.register("step")
class StepScheduler(DeclaredScheduler):
    """`gamma` times lower every `step_size` epochs."""

    make = staticmethod(StepLR)
    step_size: int
    gamma: float = 0.1


@LearningRateScheduler.register("multi_step")
class MultiStepScheduler(DeclaredScheduler):
    """`gamma` times lower after each epoch in `milestones`."""

    make = staticmethod(MultiStepLR)
    milestones: list[int]
    gamma: float = 0.1


@LearningRateScheduler.register("exponential")
class ExponentialScheduler(DeclaredScheduler):
    """`gamma` times lower after every epoch."""

    make = staticmethod(ExponentialLR)
    gamma: float = 0.1


@LearningRateScheduler.register("reduce_on_plateau")
class ReduceOnPlateauScheduler(WrappedScheduler):
    """`factor` times lower when the validation metric has not become better for `patience` epochs.

    The metric is the one that decides which epoch is best, made so that larger is better: a loss arrives negated.
    Say `mode: "max"` with a metric in which that matters.

    Args:
        optimizer: Whose learning rates to change.
        mode: Whether the metric should fall or rise.
        factor: Fraction in (0, 1).
        patience: Epochs without improvement that are let pass.
        verbose: Taken and ignored; torch has dropped it.
        threshold_mode: Whether `threshold` is a fraction of the best value or a difference to it.
        threshold: What counts as an improvement.
        cooldown: Epochs after a reduction that do not count.
        min_lr: No learning rate falls below; one, or one for every group.
        eps: A smaller change of the learning rate is not made.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        verbose: bool = False,  # noqa: ARG002
        threshold_mode: Literal["rel", "abs"] = "rel",
        threshold: float = 1e-4,
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(
            ReduceLROnPlateau(
                optimizer,
                mode=mode,
                factor=factor,
                patience=patience,
                threshold=threshold,
                threshold_mode=threshold_mode,
                cooldown=cooldown,
                min_lr=min_lr,
                eps=eps,
            )
        )

    @overrides
    def step(self, metric: float | None = None) -> None:
        """Note the end of an epoch.

        Raises:
            ConfigurationError: The epoch was not validated.
        """
        if metric is None:
            raise ConfigurationError(
                "trainer.learning_rate_scheduler: got no validation metric; "
                "expected one after every epoch: set validation_data_path"
            )
        self.lr_scheduler.step(metric)  # type: ignore[arg-type]
