"""Spans from what a bidirectional encoder adds within them."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, ConfigurationError
from foldformer.nn.functions.combine import combine_tensors, get_combined_dim
from foldformer.nn.functions.select import batched_index_select
from foldformer.nn.span_extractors.span_extractor import SpanExtractor
from foldformer.nn.span_extractors.with_width import SpanExtractorWithSpanWidthEmbedding, endpoints


@SpanExtractor.register("bidirectional_endpoint")
class BidirectionalEndpointSpanExtractor(SpanExtractorWithSpanWidthEmbedding):
    """Combine, for each direction, the vector before the span and that at its end.

        tokens    a [b c] d        forward   a and c        backward   d and b

    Args:
        input_dim: Width of the tokens' vectors; the first half is from the front, the second from the back.
        forward_combination: Of the vector before the span (x) and that of its last token (y).
        backward_combination: Of the vector after the span (x) and that of its first token (y).
        num_width_embeddings: How many widths have a vector; None: widths are not embedded.
        span_width_embedding_dim: Width of these vectors.
        bucket_widths: Sort widths into buckets.
        use_sentinels: Learned vectors stand before and after the sequence; otherwise those of its first token.

    Raises:
        ConfigurationError: `input_dim` is odd, or only one of the options for widths is given.
    """

    def __init__(
        self,
        input_dim: AtLeastOne,
        forward_combination: str = "y-x",
        backward_combination: str = "x-y",
        num_width_embeddings: AtLeastOne | None = None,
        span_width_embedding_dim: AtLeastOne | None = None,
        bucket_widths: bool = False,
        use_sentinels: bool = True,
    ) -> None:
        super().__init__(input_dim, num_width_embeddings, span_width_embedding_dim, bucket_widths)
        if input_dim % 2:
            raise ConfigurationError(f"input_dim: got {input_dim}; expected an even number, half for each direction")
        self._forward_combination = forward_combination
        self._backward_combination = backward_combination
        self._use_sentinels = use_sentinels
        if use_sentinels:
            self._start_sentinel = nn.Parameter(torch.randn(1, 1, input_dim // 2))
            self._end_sentinel = nn.Parameter(torch.randn(1, 1, input_dim // 2))

    @overrides
    def _token_dim(self) -> int:
        dims = [self._input_dim // 2] * 2
        return get_combined_dim(self._forward_combination, dims) + get_combined_dim(self._backward_combination, dims)

    @overrides
    def _embed_spans(
        self,
        sequence_tensor: Tensor,
        span_indices: Tensor,
        sequence_mask: Tensor | None = None,
        span_indices_mask: Tensor | None = None,
    ) -> Tensor:
        ahead, back = sequence_tensor.chunk(2, dim=-1)
        first, last = endpoints(span_indices, span_indices_mask)
        length = sequence_tensor.size(1) if sequence_mask is None else sequence_mask.sum(dim=1, keepdim=True)
        is_at_start, is_at_end = (first == 0).unsqueeze(-1), (last + 1 >= length).unsqueeze(-1)
        before = batched_index_select(ahead, (first - 1).masked_fill(is_at_start.squeeze(-1), 0))
        after = batched_index_select(back, (last + 1).masked_fill(is_at_end.squeeze(-1), 0))
        if self._use_sentinels:
            before = torch.where(is_at_start, self._start_sentinel, before)
            after = torch.where(is_at_end, self._end_sentinel, after)
        forward = combine_tensors(self._forward_combination, [before, batched_index_select(ahead, last)])
        backward = combine_tensors(self._backward_combination, [after, batched_index_select(back, first)])
        return torch.cat([forward, backward], dim=-1)
