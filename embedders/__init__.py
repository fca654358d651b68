"""Token embedders and text field embedders, and the bases to write more."""

from embedders.pretrained_transformer import PretrainedTransformerEmbedder
from embedders.pretrained_transformer_mismatched import PretrainedTransformerMismatchedEmbedder
from foldformer.models import TextFieldEmbedder, TokenEmbedder
from foldformer.nn.scalar_mix import ScalarMix

__all__ = [
    "PretrainedTransformerEmbedder",
    "PretrainedTransformerMismatchedEmbedder",
    "ScalarMix",
    "TextFieldEmbedder",
    "TokenEmbedder",
]
