"""Optimizers, and the groups of parameters they work on."""

from foldformer.training.optimizers.dense_sparse_adam import DenseSparseAdam
from foldformer.training.optimizers.huggingface_adafactor import HuggingfaceAdafactor
from foldformer.training.optimizers.huggingface_adamw import HuggingfaceAdamWOptimizer
from foldformer.training.optimizers.multi import MultiOptimizer
from foldformer.training.optimizers.optimizer import Optimizer
from foldformer.training.optimizers.parameter_groups import NamedParameters, ParameterGroups, make_parameter_groups
from foldformer.training.optimizers.torch_optimizers import (
    AdadeltaOptimizer,
    AdagradOptimizer,
    AdamaxOptimizer,
    AdamOptimizer,
    AdamWOptimizer,
    AveragedSgdOptimizer,
    RmsPropOptimizer,
    SgdOptimizer,
    SparseAdamOptimizer,
)

__all__ = [
    "AdadeltaOptimizer",
    "AdagradOptimizer",
    "AdamOptimizer",
    "AdamWOptimizer",
    "AdamaxOptimizer",
    "AveragedSgdOptimizer",
    "DenseSparseAdam",
    "HuggingfaceAdafactor",
    "HuggingfaceAdamWOptimizer",
    "MultiOptimizer",
    "NamedParameters",
    "Optimizer",
    "ParameterGroups",
    "RmsPropOptimizer",
    "SgdOptimizer",
    "SparseAdamOptimizer",
    "make_parameter_groups",
]
