"""What fills parameters with their first values."""

from foldformer.nn.initializers.initializer import Initializer
from foldformer.nn.initializers.initializer_applicator import InitializerApplicator
from foldformer.nn.initializers.pretrained import PretrainedModelInitializer
from foldformer.nn.initializers.random import (
    ConstantInitializer,
    DiracInitializer,
    EyeInitializer,
    KaimingNormalInitializer,
    KaimingUniformInitializer,
    NormalInitializer,
    OrthogonalInitializer,
    SparseInitializer,
    UniformInitializer,
    XavierNormalInitializer,
    XavierUniformInitializer,
    ZeroInitializer,
)
from foldformer.nn.initializers.structured import (
    BlockOrthogonalInitializer,
    LstmHiddenBiasInitializer,
    UniformUnitScalingInitializer,
)

__all__ = [
    "BlockOrthogonalInitializer",
    "ConstantInitializer",
    "DiracInitializer",
    "EyeInitializer",
    "Initializer",
    "InitializerApplicator",
    "KaimingNormalInitializer",
    "KaimingUniformInitializer",
    "LstmHiddenBiasInitializer",
    "NormalInitializer",
    "OrthogonalInitializer",
    "PretrainedModelInitializer",
    "SparseInitializer",
    "UniformInitializer",
    "UniformUnitScalingInitializer",
    "XavierNormalInitializer",
    "XavierUniformInitializer",
    "ZeroInitializer",
]
