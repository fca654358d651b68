"""Initializers that torch brings, by name."""

from collections.abc import Callable
from typing import Any, Literal

from overrides import overrides
from torch import Tensor, nn

from foldformer.nn.initializers.initializer import Initializer

FanMode = Literal["fan_in", "fan_out"]
Nonlinearity = Literal["linear", "conv1d", "conv2d", "conv3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]


class TorchInitializer(Initializer):
    """Call one of the functions of `torch.nn.init`."""

    def __init__(self, function: Callable[..., Any], **settings: Any) -> None:
        """Build.

        Args:
            function: Takes the tensor and the settings.
            **settings: Handed on at each call.
        """
        self._function = function
        self._settings = settings

    @overrides
    def __call__(self, tensor: Tensor, **_: Any) -> None:
        self._function(tensor, **self._settings)


@Initializer.register("normal")
class NormalInitializer(TorchInitializer):
    """Draw from a normal distribution."""

    def __init__(self, mean: float = 0.0, std: float = 0.1) -> None:
        super().__init__(nn.init.normal_, mean=mean, std=std)


@Initializer.register("orthogonal")
class OrthogonalInitializer(TorchInitializer):
    """Draw a (semi-)orthogonal matrix."""

    def __init__(self, gain: float = 1.0) -> None:
        super().__init__(nn.init.orthogonal_, gain=gain)


@Initializer.register("uniform")
class UniformInitializer(TorchInitializer):
    """Draw from a uniform distribution between `a` and `b`."""

    def __init__(self, a: float = 0.0, b: float = 1.0) -> None:
        super().__init__(nn.init.uniform_, a=a, b=b)


@Initializer.register("constant")
class ConstantInitializer(TorchInitializer):
    """Set every value to `val`."""

    def __init__(self, val: float) -> None:
        super().__init__(nn.init.constant_, val=val)


@Initializer.register("dirac")
class DiracInitializer(TorchInitializer):
    """Let a convolution hand its input on."""

    def __init__(self) -> None:
        super().__init__(nn.init.dirac_)


@Initializer.register("xavier_uniform")
class XavierUniformInitializer(TorchInitializer):
    """Glorot and Bengio's initialization, uniform."""

    def __init__(self, gain: float = 1.0) -> None:
        super().__init__(nn.init.xavier_uniform_, gain=gain)


@Initializer.register("xavier_normal")
class XavierNormalInitializer(TorchInitializer):
    """Glorot and Bengio's initialization, normal."""

    def __init__(self, gain: float = 1.0) -> None:
        super().__init__(nn.init.xavier_normal_, gain=gain)


@Initializer.register("kaiming_uniform")
class KaimingUniformInitializer(TorchInitializer):
    """He's initialization, uniform; `a` is the slope of a leaky ReLU."""

    def __init__(self, a: float = 0.0, mode: FanMode = "fan_in", nonlinearity: Nonlinearity = "leaky_relu") -> None:
        super().__init__(nn.init.kaiming_uniform_, a=a, mode=mode, nonlinearity=nonlinearity)


@Initializer.register("kaiming_normal")
class KaimingNormalInitializer(TorchInitializer):
    """He's initialization, normal; `a` is the slope of a leaky ReLU."""

    def __init__(self, a: float = 0.0, mode: FanMode = "fan_in", nonlinearity: Nonlinearity = "leaky_relu") -> None:
        super().__init__(nn.init.kaiming_normal_, a=a, mode=mode, nonlinearity=nonlinearity)


@Initializer.register("sparse")
class SparseInitializer(TorchInitializer):
    """Draw from a normal distribution and set the fraction `sparsity` of each column to zero."""

    def __init__(self, sparsity: float, std: float = 0.01) -> None:
        super().__init__(nn.init.sparse_, sparsity=sparsity, std=std)


@Initializer.register("eye")
class EyeInitializer(TorchInitializer):
    """Set a matrix to the identity."""

    def __init__(self) -> None:
        super().__init__(nn.init.eye_)


@Initializer.register("zero")
class ZeroInitializer(TorchInitializer):
    """Set every value to zero."""

    def __init__(self) -> None:
        super().__init__(nn.init.zeros_)
