"""Layers that models put between their parts."""

from foldformer.nn.layers.gated_sum import GatedSum
from foldformer.nn.layers.highway import Highway
from foldformer.nn.layers.input_variational_dropout import InputVariationalDropout
from foldformer.nn.layers.layer_norm import LayerNorm
from foldformer.nn.layers.maxout import Maxout
from foldformer.nn.layers.residual_with_layer_dropout import ResidualWithLayerDropout
from foldformer.nn.layers.softmax_loss import SoftmaxLoss

__all__ = [
    "GatedSum",
    "Highway",
    "InputVariationalDropout",
    "LayerNorm",
    "Maxout",
    "ResidualWithLayerDropout",
    "SoftmaxLoss",
]
