"""Documents in, vectors out, without a disk: `DocumentEmbedder`.

cutting             a text or a list of words -> wordpieces, grouped into the pieces that get a vector
window              documents that run together -> blocks of segments
row_pooling         vectors of wordpieces -> vectors of pieces
document_embedder   the three in a row, tokenizing ahead in a thread (`prefetch`)
"""

from foldformer.embedding.document_embedder import DocumentEmbedder
from foldformer.embedding.embedded_document import EmbeddedDocument

__all__ = ["DocumentEmbedder", "EmbeddedDocument"]
