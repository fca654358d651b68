"""Documents in, vectors out, without a disk: `DocumentEmbedder`.

cutting             a text or a list of words -> wordpieces, grouped into the pieces that get a vector
spans, span_cutting the same for spans that may overlap, nest and leave gaps
window              documents that run together -> blocks of segments
row_pooling         vectors of wordpieces -> vectors of pieces; `span_pooling` of spans, `pooling` in other ways
shared_wordpieces   what several segments say of a wordpiece -> one vector
document_embedder   the three in a row, tokenizing ahead in a thread (`prefetch`)
"""

from foldformer.embedding.document_embedder import DocumentEmbedder
from foldformer.embedding.embedded_document import EmbeddedDocument
from foldformer.embedding.spans import Spanned

__all__ = ["DocumentEmbedder", "EmbeddedDocument", "Spanned"]
