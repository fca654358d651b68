"""Token embedders and text field embedders, and the bases to write more."""

from embedders.bag_of_word_counts import BagOfWordCountsTokenEmbedder
from embedders.basic_text_field import BasicTextFieldEmbedder
from embedders.elmo import Elmo, ElmoTokenEmbedder
from embedders.embedding import Embedding
from embedders.empty import EmptyEmbedder
from embedders.pass_through import PassThroughTokenEmbedder
from embedders.pretrained_transformer import PretrainedTransformerEmbedder
from embedders.pretrained_transformer_backbone import PretrainedTransformerBackbone
from embedders.pretrained_transformer_mismatched import PretrainedTransformerMismatchedEmbedder
from embedders.token_characters import TokenCharactersEncoder
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.models import TextFieldEmbedder, TokenEmbedder

__all__ = [
    "BagOfWordCountsTokenEmbedder",
    "BasicTextFieldEmbedder",
    "Elmo",
    "ElmoTokenEmbedder",
    "Embedding",
    "EmptyEmbedder",
    "PassThroughTokenEmbedder",
    "PretrainedTransformerBackbone",
    "PretrainedTransformerEmbedder",
    "PretrainedTransformerMismatchedEmbedder",
    "ScalarMix",
    "TextFieldEmbedder",
    "TokenCharactersEncoder",
    "TokenEmbedder",
]
