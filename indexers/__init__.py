"""Token indexers: how text becomes the tensors that embedders take. One registered class a file."""

from foldformer.data.token_indexer import IndexedTokenList, TokenIndexer
from indexers.elmo_characters import ELMoTokenCharactersIndexer
from indexers.pretrained_transformer import PretrainedTransformerIndexer
from indexers.pretrained_transformer_mismatched import PretrainedTransformerMismatchedIndexer
from indexers.single_id import SingleIdTokenIndexer
from indexers.token_characters import TokenCharactersIndexer

__all__ = [
    "ELMoTokenCharactersIndexer",
    "IndexedTokenList",
    "PretrainedTransformerIndexer",
    "PretrainedTransformerMismatchedIndexer",
    "SingleIdTokenIndexer",
    "TokenCharactersIndexer",
    "TokenIndexer",
]
