"""Penalties on parameters."""

from foldformer.nn.regularizers.regularizer import L1Regularizer, L2Regularizer, Regularizer
from foldformer.nn.regularizers.regularizer_applicator import RegularizerApplicator

__all__ = ["L1Regularizer", "L2Regularizer", "Regularizer", "RegularizerApplicator"]
