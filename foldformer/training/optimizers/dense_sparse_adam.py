"""Adam for gradients of either kind."""

import math
from typing import Any

import torch
from overrides import overrides
from torch import Tensor

from foldformer.config import NotNegativeNumber
from foldformer.training.optimizers.optimizer import Decay, Optimizer
from foldformer.training.optimizers.parameter_groups import NamedParameters, ParameterGroups, make_parameter_groups


@Optimizer.register("dense_sparse_adam")
class DenseSparseAdam(Optimizer, torch.optim.Optimizer):
    """Adam; of a parameter whose gradient is sparse, only the rows that the gradient has are changed.

    m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,  p = p - lr sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + eps)

    Source: Kingma and Ba, Adam: a method for stochastic optimization, 2015, end of section 2; the means of rows that
    a sparse gradient leaves out do not decay.
    """

    def __init__(
        self,
        model_parameters: NamedParameters,
        parameter_groups: ParameterGroups | None = None,
        lr: NotNegativeNumber = 1e-3,
        betas: tuple[Decay, Decay] = (0.9, 0.999),
        eps: NotNegativeNumber = 1e-8,
    ) -> None:
        """Build.

        Args:
            model_parameters: Parameters with their names.
            parameter_groups: Regular expressions of names, and options that differ for these parameters.
            lr: Learning rate.
            betas: Decay of the mean gradient, and of the mean squared gradient.
            eps: Added to the denominator.
        """
        defaults = {"lr": lr, "betas": betas, "eps": eps}
        torch.optim.Optimizer.__init__(self, make_parameter_groups(model_parameters, parameter_groups), defaults)

    @torch.no_grad()
    @overrides(check_signature=False)
    def step(self, closure: Any = None) -> Any:
        """Take one step.

        Args:
            closure: Computes loss and gradients anew.

        Returns:
            What `closure` gives.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._change(parameter, parameter.grad, group)
        return loss

    def _change(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if not state:
            state.update(step=0, exp_avg=torch.zeros_like(parameter), exp_avg_sq=torch.zeros_like(parameter))
        state["step"] += 1
        rows: Any = ...
        if gradient.is_sparse:
            gradient = gradient.coalesce()  # each row once, as squares do not add up
            rows, gradient = tuple(gradient.indices()), gradient.values()
        first, second = group["betas"]
        mean = state["exp_avg"][rows].lerp(gradient, 1 - first)
        square = state["exp_avg_sq"][rows].lerp(gradient.square(), 1 - second)
        state["exp_avg"][rows], state["exp_avg_sq"][rows] = mean, square
        size = group["lr"] * math.sqrt(1 - second ** state["step"]) / (1 - first ** state["step"])
        parameter[rows] -= size * mean / (square.sqrt() + group["eps"])
