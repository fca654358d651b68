# ruff: noqa: ARG002  (what one extractor needs, another does not)
"""Spans from their first and last tokens."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne
from foldformer.nn.functions.combine import combine_tensors, get_combined_dim
from foldformer.nn.functions.select import batched_index_select
from foldformer.nn.span_extractors.span_extractor import SpanExtractor
from foldformer.nn.span_extractors.with_width import SpanExtractorWithSpanWidthEmbedding, endpoints


@SpanExtractor.register("endpoint")
class EndpointSpanExtractor(SpanExtractorWithSpanWidthEmbedding):
    """Combine the vectors of a span's first and last tokens.

    Args:
        input_dim: Width of the tokens' vectors.
        combination: How: "x,y" side by side, "x-y" their difference, "x,y,x*y", ...; see `combine_tensors`.
        num_width_embeddings: How many widths have a vector; None: widths are not embedded.
        span_width_embedding_dim: Width of these vectors.
        bucket_widths: Sort widths into buckets.
        use_exclusive_start_indices: Take the token before the first one; a learned vector before the sequence.

    Raises:
        ConfigurationError: Only one of the options for widths is given.
    """

    def __init__(
        self,
        input_dim: AtLeastOne,
        combination: str = "x,y",
        num_width_embeddings: AtLeastOne | None = None,
        span_width_embedding_dim: AtLeastOne | None = None,
        bucket_widths: bool = False,
        use_exclusive_start_indices: bool = False,
    ) -> None:
        super().__init__(input_dim, num_width_embeddings, span_width_embedding_dim, bucket_widths)
        self._combination = combination
        self._use_exclusive_start_indices = use_exclusive_start_indices
        if use_exclusive_start_indices:
            self._start_sentinel = nn.Parameter(torch.randn(1, 1, input_dim))

    @overrides
    def _token_dim(self) -> int:
        return get_combined_dim(self._combination, [self._input_dim, self._input_dim])

    @overrides
    def _embed_spans(
        self,
        sequence_tensor: Tensor,
        span_indices: Tensor,
        sequence_mask: Tensor | None = None,
        span_indices_mask: Tensor | None = None,
    ) -> Tensor:
        first, last = endpoints(span_indices, span_indices_mask)
        if not self._use_exclusive_start_indices:
            starts = batched_index_select(sequence_tensor, first)
        else:
            is_before = (first == 0).unsqueeze(-1)
            starts = batched_index_select(sequence_tensor, first - (first != 0).long())
            starts = torch.where(is_before, self._start_sentinel, starts)
        return combine_tensors(self._combination, [starts, batched_index_select(sequence_tensor, last)])
