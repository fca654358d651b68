"""Vectors of spans from the vectors of their tokens: one registered class a file."""

from foldformer.nn.span_extractors.bidirectional_endpoint import BidirectionalEndpointSpanExtractor
from foldformer.nn.span_extractors.endpoint import EndpointSpanExtractor
from foldformer.nn.span_extractors.max_pooling import MaxPoolingSpanExtractor
from foldformer.nn.span_extractors.self_attentive import SelfAttentiveSpanExtractor
from foldformer.nn.span_extractors.span_extractor import SpanExtractor
from foldformer.nn.span_extractors.with_width import SpanExtractorWithSpanWidthEmbedding

__all__ = [
    "BidirectionalEndpointSpanExtractor",
    "EndpointSpanExtractor",
    "MaxPoolingSpanExtractor",
    "SelfAttentiveSpanExtractor",
    "SpanExtractor",
    "SpanExtractorWithSpanWidthEmbedding",
]
