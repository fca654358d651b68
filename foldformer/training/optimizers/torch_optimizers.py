"""The optimizers of torch under their names in experiment files, with the defaults of those files.

The arithmetic is torch's; here stand the names, the defaults, which are permanent, and the parameter groups.
"""

import inspect
from typing import Any

import torch

from foldformer.training.declared_options import declared_options, give_constructor, is_optional
from foldformer.training.optimizers.optimizer import Optimizer
from foldformer.training.optimizers.parameter_groups import NamedParameters, ParameterGroups, make_parameter_groups


class TorchOptimizer(Optimizer):
    """An optimizer of torch that takes names and groups of parameters; `class Own(TorchOptimizer, torch.optim.Some)`.

    The body of a class lists the options of torch's constructor that files may set, and their defaults.
    """

    def __init__(
        self, model_parameters: NamedParameters, parameter_groups: ParameterGroups | None = None, **options: Any
    ) -> None:
        super().__init__(make_parameter_groups(model_parameters, parameter_groups), **options)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        options = [] if "__init__" in vars(cls) else declared_options(cls)
        if options:
            names, groups = list(inspect.signature(TorchOptimizer.__init__).parameters.values())[1:3]
            # A required option comes before the groups, which may be left out.
            parameters = sorted([names, groups, *options], key=is_optional)
            give_constructor(cls, parameters, lambda self, given: TorchOptimizer.__init__(self, **given))


@Optimizer.register("adam")
class AdamOptimizer(TorchOptimizer, torch.optim.Adam):
    """`torch.optim.Adam`: weight decay is added to the gradient; see `adamw` for the decoupled one."""

    lr: float = 0.001
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-08
    weight_decay: float = 0.0
    amsgrad: bool = False


@Optimizer.register("adamw")
class AdamWOptimizer(TorchOptimizer, torch.optim.AdamW):
    """`torch.optim.AdamW`; its default weight decay is 0.01, that of `huggingface_adamw` is 0."""

    lr: float = 0.001
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-08
    weight_decay: float = 0.01
    amsgrad: bool = False


@Optimizer.register("sparse_adam")
class SparseAdamOptimizer(TorchOptimizer, torch.optim.SparseAdam):
    """`torch.optim.SparseAdam`, for parameters whose gradients are sparse, and only for those."""

    lr: float = 0.001
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-08


@Optimizer.register("adamax")
class AdamaxOptimizer(TorchOptimizer, torch.optim.Adamax):
    """`torch.optim.Adamax`."""

    lr: float = 0.002
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-08
    weight_decay: float = 0.0


@Optimizer.register("adagrad")
class AdagradOptimizer(TorchOptimizer, torch.optim.Adagrad):
    """`torch.optim.Adagrad`."""

    lr: float = 0.01
    lr_decay: float = 0.0
    weight_decay: float = 0.0
    initial_accumulator_value: float = 0.0
    eps: float = 1e-10


@Optimizer.register("adadelta")
class AdadeltaOptimizer(TorchOptimizer, torch.optim.Adadelta):
    """`torch.optim.Adadelta`."""

    lr: float = 1.0
    rho: float = 0.9
    eps: float = 1e-06
    weight_decay: float = 0.0


@Optimizer.register("sgd")
class SgdOptimizer(TorchOptimizer, torch.optim.SGD):
    """`torch.optim.SGD`; the learning rate has no default."""

    lr: float
    momentum: float = 0.0
    dampening: float = 0
    weight_decay: float = 0.0
    nesterov: bool = False


@Optimizer.register("rmsprop")
class RmsPropOptimizer(TorchOptimizer, torch.optim.RMSprop):
    """`torch.optim.RMSprop`."""

    lr: float = 0.01
    alpha: float = 0.99
    eps: float = 1e-08
    weight_decay: float = 0.0
    momentum: float = 0.0
    centered: bool = False


@Optimizer.register("averaged_sgd")
class AveragedSgdOptimizer(TorchOptimizer, torch.optim.ASGD):
    """`torch.optim.ASGD`."""

    lr: float = 0.01
    lambd: float = 0.0001
    alpha: float = 0.75
    t0: float = 1000000.0
    weight_decay: float = 0.0
