# ruff: noqa: ARG002  (what one extractor needs, another does not)
"""Spans as weighted means of their tokens."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne
from foldformer.nn.functions.combine import weighted_sum
from foldformer.nn.functions.masked import masked_softmax
from foldformer.nn.functions.select import batched_span_select
from foldformer.nn.span_extractors.span_extractor import SpanExtractor
from foldformer.nn.span_extractors.with_width import SpanExtractorWithSpanWidthEmbedding
from foldformer.nn.time_distributed import TimeDistributed


@SpanExtractor.register("self_attentive")
class SelfAttentiveSpanExtractor(SpanExtractorWithSpanWidthEmbedding):
    """Average the vectors of a span's tokens, weighted by a softmax of scores that a linear layer gives each token.

    Args:
        input_dim: Width of the tokens' vectors.
        num_width_embeddings: How many widths have a vector; None: widths are not embedded.
        span_width_embedding_dim: Width of these vectors.
        bucket_widths: Sort widths into buckets.

    Raises:
        ConfigurationError: Only one of the options for widths is given.
    """

    def __init__(
        self,
        input_dim: AtLeastOne,
        num_width_embeddings: AtLeastOne | None = None,
        span_width_embedding_dim: AtLeastOne | None = None,
        bucket_widths: bool = False,
    ) -> None:
        super().__init__(input_dim, num_width_embeddings, span_width_embedding_dim, bucket_widths)
        self._global_attention = TimeDistributed(nn.Linear(input_dim, 1))

    @overrides
    def _embed_spans(
        self,
        sequence_tensor: Tensor,
        span_indices: Tensor,
        sequence_mask: Tensor | None = None,
        span_indices_mask: Tensor | None = None,
    ) -> Tensor:
        scored = torch.cat([sequence_tensor, self._global_attention(sequence_tensor)], dim=-1)
        vectors, mask = batched_span_select(scored, span_indices)  # (batch, spans, widest span, dim + 1)
        return weighted_sum(vectors[..., :-1], masked_softmax(vectors[..., -1], mask))
