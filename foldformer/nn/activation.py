"""Activation functions by name."""

from abc import abstractmethod

import torch
from overrides import overrides
from torch import Tensor, nn
from torch.nn.functional import gelu

from foldformer.config import Registrable

GELU_FAST_SCALE = 0.7978845608
"""The square root of 2 / pi as the models that use `gelu_fast` were trained with."""


class Activation(nn.Module, Registrable):
    """A function applied to every value of a tensor. Most registered ones are torch's own modules."""

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Apply the function.

        Args:
            x: Any shape.

        Returns:
            The shape of `x`.
        """


@Activation.register("linear")
class LinearActivation(Activation):
    """No activation."""

    @overrides
    def forward(self, x: Tensor) -> Tensor:
        return x


@Activation.register("gelu_new")
class GeluNew(Activation):
    """GELU by its tanh approximation, as GPT-2 has it."""

    @overrides
    def forward(self, x: Tensor) -> Tensor:
        return gelu(x, approximate="tanh")


@Activation.register("gelu_fast")
class GeluFast(Activation):
    """GELU by its tanh approximation with a rounded constant."""

    @overrides
    def forward(self, x: Tensor) -> Tensor:
        return 0.5 * x * (1.0 + torch.tanh(x * GELU_FAST_SCALE * (1.0 + 0.044715 * x * x)))


def _register_torch_modules(**modules: type[nn.Module]) -> None:
    for name, module in modules.items():
        Activation.register(name)(module)


_register_torch_modules(
    relu=nn.ReLU,
    relu6=nn.ReLU6,
    elu=nn.ELU,
    gelu=nn.GELU,
    prelu=nn.PReLU,
    leaky_relu=nn.LeakyReLU,
    threshold=nn.Threshold,
    hardtanh=nn.Hardtanh,
    sigmoid=nn.Sigmoid,
    tanh=nn.Tanh,
    log_sigmoid=nn.LogSigmoid,
    softplus=nn.Softplus,
    softshrink=nn.Softshrink,
    softsign=nn.Softsign,
    tanhshrink=nn.Tanhshrink,
    selu=nn.SELU,
    mish=nn.Mish,
    swish=nn.SiLU,
)
