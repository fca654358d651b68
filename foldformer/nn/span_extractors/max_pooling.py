# ruff: noqa: ARG002  (what one extractor needs, another does not)
"""Spans as the maximum of their tokens."""

import torch
from overrides import overrides
from torch import Tensor

from foldformer.nn.functions.masked import masked_max
from foldformer.nn.functions.select import batched_span_select
from foldformer.nn.span_extractors.span_extractor import SpanExtractor
from foldformer.nn.span_extractors.with_width import SpanExtractorWithSpanWidthEmbedding


@SpanExtractor.register("max_pooling")
class MaxPoolingSpanExtractor(SpanExtractorWithSpanWidthEmbedding):
    """Take the maximum of the vectors of a span's tokens, number by number; tokens that are not real are left out."""

    @overrides
    def _embed_spans(
        self,
        sequence_tensor: Tensor,
        span_indices: Tensor,
        sequence_mask: Tensor | None = None,
        span_indices_mask: Tensor | None = None,
    ) -> Tensor:
        first, last = span_indices[..., 0], span_indices[..., 1]
        size = sequence_tensor.size(1)
        if int(last.max()) >= size or int(first.min()) < 0 or bool((first > last).any()):
            raise IndexError(f"max_pooling: got spans from {int(first.min())} to {int(last.max())}; expected first <= "
                             f"last, within {size} positions")  # fmt: skip
        if sequence_mask is not None:
            last = torch.minimum(last, sequence_mask.sum(dim=1, keepdim=True) - 1)
            if bool((first > last).any()):
                raise IndexError("max_pooling: got a span without a real token; expected at least one in each")
        vectors, mask = batched_span_select(sequence_tensor, torch.stack([first, last], dim=-1))
        return masked_max(vectors, mask.unsqueeze(-1), dim=-2)
