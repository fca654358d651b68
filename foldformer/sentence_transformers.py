"""The module for sentence-transformers by its short name; see `foldformer.integrations.sentence_transformers`."""

from foldformer.integrations.sentence_transformers import FoldformerModule as FoldformerModule
