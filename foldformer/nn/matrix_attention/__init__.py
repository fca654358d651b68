"""Scores of all pairs of rows of two matrices: one registered class a file."""

from foldformer.nn.matrix_attention.bilinear import BilinearMatrixAttention
from foldformer.nn.matrix_attention.cosine import CosineMatrixAttention
from foldformer.nn.matrix_attention.dot_product import DotProductMatrixAttention, ScaledDotProductMatrixAttention
from foldformer.nn.matrix_attention.linear import LinearMatrixAttention
from foldformer.nn.matrix_attention.matrix_attention import MatrixAttention

__all__ = [
    "BilinearMatrixAttention",
    "CosineMatrixAttention",
    "DotProductMatrixAttention",
    "LinearMatrixAttention",
    "MatrixAttention",
    "ScaledDotProductMatrixAttention",
]
