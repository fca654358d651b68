"""What every span extractor can do."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from foldformer.config import Registrable


class SpanExtractor(nn.Module, Registrable, ABC):
    """Makes one vector of each span of a sequence."""

    @abstractmethod
    def forward(
        self,
        sequence_tensor: Tensor,
        span_indices: Tensor,
        sequence_mask: Tensor | None = None,
        span_indices_mask: Tensor | None = None,
    ) -> Tensor:
        """Make the vectors.

        Args:
            sequence_tensor: Vectors of the tokens. (batch, positions, dim)
            span_indices: First and last position of each span, last included. (batch, spans, 2)
            sequence_mask: True where a token is real; None: everywhere. (batch, positions)
            span_indices_mask: True where a span is real; None: everywhere. (batch, spans)

        Returns:
            Zeros where a span is not real. (batch, spans, output dim)
        """

    def get_input_dim(self) -> int:
        """Return the width of the tokens' vectors."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it takes")

    def get_output_dim(self) -> int:
        """Return the width of the spans' vectors."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it gives")
