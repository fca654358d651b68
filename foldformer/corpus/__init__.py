"""Corpora: documents in, vectors out, in bounded memory."""

from foldformer.corpus.document_embedder import DocumentEmbedder
from foldformer.corpus.embedded_document import EmbeddedDocument

__all__ = ["DocumentEmbedder", "EmbeddedDocument"]
