"""The AdamW that transformers 4 had, which transformers 5 does not have any more."""

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from overrides import overrides
from torch import Tensor
from torch.optim.adam import adam

from foldformer.config import NotNegativeNumber
from foldformer.training.optimizers.optimizer import Decay, Optimizer
from foldformer.training.optimizers.parameter_groups import NamedParameters, ParameterGroups, make_parameter_groups


@Optimizer.register("huggingface_adamw")
class HuggingfaceAdamWOptimizer(Optimizer):
    """AdamW with the arithmetic and the defaults that experiments with transformers were run with.

    At step t, with running means m of the gradient and v of its square:

        s = lr * sqrt(1 - beta2^t) / (1 - beta1^t)      (s = lr without `correct_bias`)
        p = p - s * m / (sqrt(v) + eps)
        p = p - lr * weight_decay * p

    `torch.optim.AdamW` differs: it corrects the bias of v before it adds `eps`, decays first, and by 0.01 by default.
    Its fused kernel runs here all the same, with the learning rate and `eps` that make it compute the above.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", algorithm 2.
    """

    def __init__(
        self,
        model_parameters: NamedParameters,
        parameter_groups: ParameterGroups | None = None,
        lr: NotNegativeNumber = 1e-5,
        betas: tuple[Decay, Decay] = (0.9, 0.999),
        eps: NotNegativeNumber = 1e-08,
        weight_decay: NotNegativeNumber = 0.0,
        correct_bias: bool = True,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "correct_bias": correct_bias}
        super().__init__(make_parameter_groups(model_parameters, parameter_groups), defaults)

    @torch.no_grad()
    @overrides
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Update every parameter that has a gradient.

        Args:
            closure: Computes the loss and the gradients.

        Returns:
            What `closure` gives.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameters in self._by_step_and_place(group["params"]):
                self._update(parameters, group)
        return loss

    def _by_step_and_place(self, parameters: list[Tensor]) -> list[list[Tensor]]:
        # Almost always one list: a parameter that had no gradient in some step is behind the others.
        alike: dict[tuple[float, torch.device, torch.dtype], list[Tensor]] = defaultdict(list)
        for parameter in parameters:
            if parameter.grad is None:
                continue
            state = self.state[parameter]
            if not state:
                state["step"] = torch.zeros((), dtype=torch.float32)
                state["exp_avg"] = torch.zeros_like(parameter)
                state["exp_avg_sq"] = torch.zeros_like(parameter)
            alike[float(state["step"]), parameter.device, parameter.dtype].append(parameter)
        return list(alike.values())

    def _update(self, parameters: list[Tensor], group: dict[str, Any]) -> None:
        states = [self.state[parameter] for parameter in parameters]
        beta1, beta2 = group["betas"]
        step = float(states[0]["step"]) + 1
        correction1, correction2 = 1 - beta1**step, math.sqrt(1 - beta2**step)
        # The kernel divides by sqrt(v) / correction2 + eps and multiplies by lr / correction1.
        lr = group["lr"] if group["correct_bias"] else group["lr"] * correction1 / correction2
        device = parameters[0].device
        adam(
            parameters,
            [parameter.grad for parameter in parameters if parameter.grad is not None],
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [],
            [torch.full((), step - 1, dtype=torch.float32, device=device) for _ in states],
            fused=parameters[0].is_floating_point() and device.type in ("cpu", "cuda"),
            amsgrad=False,
            beta1=beta1,
            beta2=beta2,
            lr=lr,
            weight_decay=0.0,
            eps=group["eps"] / correction2,
            maximize=False,
        )
        for state in states:
            state["step"].fill_(step)
        if group["weight_decay"] > 0:
            torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
