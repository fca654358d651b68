"""Weights of the vectors of a matrix, given one vector: one registered class a file."""

from foldformer.nn.attention.additive import AdditiveAttention
from foldformer.nn.attention.attention import Attention
from foldformer.nn.attention.bilinear import BilinearAttention
from foldformer.nn.attention.cosine import CosineAttention
from foldformer.nn.attention.dot_product import DotProductAttention, ScaledDotProductAttention
from foldformer.nn.attention.linear import LinearAttention

__all__ = [
    "AdditiveAttention",
    "Attention",
    "BilinearAttention",
    "CosineAttention",
    "DotProductAttention",
    "LinearAttention",
    "ScaledDotProductAttention",
]
