"""ELMo, as a token embedder and as a part of a model."""

from embedders.elmo.elmo import Elmo
from embedders.elmo.token_embedder import ElmoTokenEmbedder

__all__ = ["Elmo", "ElmoTokenEmbedder"]
