"""Learning-rate schedules."""

from foldformer.training.learning_rate_schedulers.combined import CombinedScheduler
from foldformer.training.learning_rate_schedulers.cosine import CosineWithRestarts
from foldformer.training.learning_rate_schedulers.learning_rate_scheduler import LearningRateScheduler
from foldformer.training.learning_rate_schedulers.linear_with_warmup import LinearWithWarmup
from foldformer.training.learning_rate_schedulers.noam import NoamLR
from foldformer.training.learning_rate_schedulers.polynomial_decay import PolynomialDecay
from foldformer.training.learning_rate_schedulers.slanted_triangular import SlantedTriangular
from foldformer.training.learning_rate_schedulers.torch_schedulers import (
    ConstantScheduler,
    ConstantWithWarmupScheduler,
    CosineHardRestartsWithWarmupScheduler,
    CosineWithWarmupScheduler,
    ExponentialScheduler,
    MultiStepScheduler,
    ReduceOnPlateauScheduler,
    StepScheduler,
)

__all__ = [
    "CombinedScheduler",
    "ConstantScheduler",
    "ConstantWithWarmupScheduler",
    "CosineHardRestartsWithWarmupScheduler",
    "CosineWithRestarts",
    "CosineWithWarmupScheduler",
    "ExponentialScheduler",
    "LearningRateScheduler",
    "LinearWithWarmup",
    "MultiStepScheduler",
    "NoamLR",
    "PolynomialDecay",
    "ReduceOnPlateauScheduler",
    "SlantedTriangular",
    "StepScheduler",
]
