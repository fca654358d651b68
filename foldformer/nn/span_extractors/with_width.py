"""The base of span extractors that may append a vector for the span's width."""

from abc import abstractmethod

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, ConfigurationError
from foldformer.nn.functions.select import bucket_values
from foldformer.nn.span_extractors.span_extractor import SpanExtractor


class SpanExtractorWithSpanWidthEmbedding(SpanExtractor):
    """Appends a learned vector for the width to what a subclass makes of the tokens.

    Args:
        input_dim: Width of the tokens' vectors.
        num_width_embeddings: How many widths, or buckets of widths, have a vector; None: widths are not embedded.
        span_width_embedding_dim: Width of these vectors; None: widths are not embedded.
        bucket_widths: Sort widths into buckets, the wider the coarser.

    Raises:
        ConfigurationError: Only one of the two is given.
    """

    def __init__(
        self,
        input_dim: AtLeastOne,
        num_width_embeddings: AtLeastOne | None = None,
        span_width_embedding_dim: AtLeastOne | None = None,
        bucket_widths: bool = False,
    ) -> None:
        super().__init__()
        if (num_width_embeddings is None) != (span_width_embedding_dim is None):
            raise ConfigurationError(
                f"num_width_embeddings: got {num_width_embeddings} with span_width_embedding_dim "
                f"{span_width_embedding_dim}; expected both, or neither"
            )
        self._input_dim = input_dim
        self._num_width_embeddings = num_width_embeddings or 0
        self._bucket_widths = bucket_widths
        self._span_width_embedding: nn.Embedding | None = None
        if num_width_embeddings is not None and span_width_embedding_dim is not None:
            self._span_width_embedding = nn.Embedding(num_width_embeddings, span_width_embedding_dim)
            nn.init.xavier_uniform_(self._span_width_embedding.weight)

    @overrides
    def forward(
        self,
        sequence_tensor: Tensor,
        span_indices: Tensor,
        sequence_mask: Tensor | None = None,
        span_indices_mask: Tensor | None = None,
    ) -> Tensor:
        """Make the vectors; see the base class.

        Raises:
            ValueError: The tokens' vectors have another width, or a span lies outside of the sequence.
        """
        if sequence_tensor.size(-1) != self._input_dim:
            raise ValueError(
                f"{type(self).__name__}: got vectors of {sequence_tensor.size(-1)}; expected {self._input_dim}"
            )
        vectors = self._embed_spans(sequence_tensor, span_indices, sequence_mask, span_indices_mask)
        if self._span_width_embedding is not None:
            widths = span_indices[..., 1] - span_indices[..., 0]  # 0 is one token
            if self._bucket_widths:
                widths = bucket_values(widths, num_total_buckets=self._num_width_embeddings)
            vectors = torch.cat([vectors, self._span_width_embedding(widths)], dim=-1)
        return vectors if span_indices_mask is None else vectors * span_indices_mask.unsqueeze(-1)

    @overrides
    def get_input_dim(self) -> int:
        return self._input_dim

    @overrides
    def get_output_dim(self) -> int:
        width = 0 if self._span_width_embedding is None else self._span_width_embedding.embedding_dim
        return self._token_dim() + width

    def _token_dim(self) -> int:
        """The width of what `_embed_spans` gives."""
        return self._input_dim

    @abstractmethod
    def _embed_spans(
        self,
        sequence_tensor: Tensor,
        span_indices: Tensor,
        sequence_mask: Tensor | None = None,
        span_indices_mask: Tensor | None = None,
    ) -> Tensor:
        """Make the vectors without that for the width; arguments as those of `forward`."""


def endpoints(span_indices: Tensor, span_indices_mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Split spans into first and last positions; 0 where a span is not real, whatever stood there."""
    first, last = span_indices[..., 0], span_indices[..., 1]
    if span_indices_mask is None:
        return first, last
    return first * span_indices_mask, last * span_indices_mask
