"""The optimizers of torch under their names in experiment files, with the defaults of those files.

The arithmetic is torch's; here stand the names, the defaults, which are permanent, and the parameter groups.
"""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from overrides import overrides

from foldformer.config import Fraction, NotNegativeNumber, Problem
from foldformer.training.declared_options import declared_options, give_constructor, is_optional
from foldformer.training.optimizers.optimizer import Decay, Optimizer
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

    lr: NotNegativeNumber = 0.001
    betas: tuple[Decay, Decay] = (0.9, 0.999)
    eps: NotNegativeNumber = 1e-08
    weight_decay: NotNegativeNumber = 0.0
    amsgrad: bool = False


@Optimizer.register("adamw")
class AdamWOptimizer(TorchOptimizer, torch.optim.AdamW):
    """`torch.optim.AdamW`; its default weight decay is 0.01, that of `huggingface_adamw` is 0."""

    lr: NotNegativeNumber = 0.001
    betas: tuple[Decay, Decay] = (0.9, 0.999)
    eps: NotNegativeNumber = 1e-08
    weight_decay: NotNegativeNumber = 0.01
    amsgrad: bool = False


@Optimizer.register("sparse_adam")
class SparseAdamOptimizer(TorchOptimizer, torch.optim.SparseAdam):
    """`torch.optim.SparseAdam`, for parameters whose gradients are sparse, and only for those."""

    lr: NotNegativeNumber = 0.001
    betas: tuple[Decay, Decay] = (0.9, 0.999)
    eps: NotNegativeNumber = 1e-08


@Optimizer.register("adamax")
class AdamaxOptimizer(TorchOptimizer, torch.optim.Adamax):
    """`torch.optim.Adamax`."""

    lr: NotNegativeNumber = 0.002
    betas: tuple[Decay, Decay] = (0.9, 0.999)
    eps: NotNegativeNumber = 1e-08
    weight_decay: NotNegativeNumber = 0.0


@Optimizer.register("adagrad")
class AdagradOptimizer(TorchOptimizer, torch.optim.Adagrad):
    """`torch.optim.Adagrad`."""

    lr: NotNegativeNumber = 0.01
    lr_decay: NotNegativeNumber = 0.0
    weight_decay: NotNegativeNumber = 0.0
    initial_accumulator_value: NotNegativeNumber = 0.0
    eps: NotNegativeNumber = 1e-10


@Optimizer.register("adadelta")
class AdadeltaOptimizer(TorchOptimizer, torch.optim.Adadelta):
    """`torch.optim.Adadelta`."""

    lr: NotNegativeNumber = 1.0
    rho: Fraction = 0.9
    eps: NotNegativeNumber = 1e-06
    weight_decay: NotNegativeNumber = 0.0


@Optimizer.register("sgd")
class SgdOptimizer(TorchOptimizer, torch.optim.SGD):
    """`torch.optim.SGD`; the learning rate has no default."""

    lr: NotNegativeNumber
    momentum: NotNegativeNumber = 0.0
    dampening: NotNegativeNumber = 0
    weight_decay: NotNegativeNumber = 0.0
    nesterov: bool = False

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """Nesterov's momentum needs momentum, undamped."""
        yield from super().check_block(block)
        if block.get("nesterov") and (not block.get("momentum") or block.get("dampening")):
            yield Problem("nesterov", "got true; expected a momentum above 0 and no dampening beside it")


@Optimizer.register("rmsprop")
class RmsPropOptimizer(TorchOptimizer, torch.optim.RMSprop):
    """`torch.optim.RMSprop`."""

    lr: NotNegativeNumber = 0.01
    alpha: NotNegativeNumber = 0.99
    eps: NotNegativeNumber = 1e-08
    weight_decay: NotNegativeNumber = 0.0
    momentum: NotNegativeNumber = 0.0
    centered: bool = False


@Optimizer.register("averaged_sgd")
class AveragedSgdOptimizer(TorchOptimizer, torch.optim.ASGD):
    """`torch.optim.ASGD`."""

    lr: NotNegativeNumber = 0.01
    lambd: NotNegativeNumber = 0.0001
    alpha: NotNegativeNumber = 0.75
    t0: NotNegativeNumber = 1000000.0
    weight_decay: NotNegativeNumber = 0.0
