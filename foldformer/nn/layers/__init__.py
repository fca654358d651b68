"""Layers that models put between their parts."""

from foldformer.nn.layers.gated_sum import GatedSum
from foldformer.nn.layers.highway import Highway
from foldformer.nn.layers.input_variational_dropout import InputVariationalDropout

__all__ = ["GatedSum", "Highway", "InputVariationalDropout"]
