"""Models and the bases of the embedders."""

from foldformer.models.text_field_embedder import TextFieldEmbedder
from foldformer.models.token_embedder import TokenEmbedder

__all__ = ["TextFieldEmbedder", "TokenEmbedder"]
