"""Convolutions over n-grams, the strongest answer of each filter."""

import torch
from overrides import overrides
from torch import Tensor, nn
from torch.nn.functional import pad

from foldformer.config import AtLeastOne
from foldformer.nn.activation import Activation
from foldformer.nn.masks import sequence_lengths, zero_where_padded
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


@Seq2VecEncoder.register("cnn")
class CnnEncoder(Seq2VecEncoder):
    """Slide filters of several widths over the sequence and keep each filter's largest activation.

    A sequence shorter than a filter has no place for it: the filter answers zero.

    Source: Zhang and Wallace 2016, "A Sensitivity Analysis of (and Practitioners' Guide to) Convolutional Neural
    Networks for Sentence Classification", figure 1.
    """

    def __init__(
        self,
        embedding_dim: AtLeastOne,
        num_filters: AtLeastOne,
        ngram_filter_sizes: tuple[int, ...] = (2, 3, 4, 5),
        conv_layer_activation: Activation | None = None,
        output_dim: AtLeastOne | None = None,
    ) -> None:
        """Build with random weights.

        Args:
            embedding_dim: Width of the vectors that come in.
            num_filters: How many filters of each width.
            ngram_filter_sizes: Widths of the filters, in positions.
            conv_layer_activation: Applied to what the filters give; None: ReLU.
            output_dim: Project to this width; None: no projection, the width is filters times widths.
        """
        super().__init__()
        self._embedding_dim = embedding_dim
        self._ngram_filter_sizes = tuple(ngram_filter_sizes)
        self._activation: nn.Module = conv_layer_activation or nn.ReLU()
        for place, size in enumerate(self._ngram_filter_sizes):
            self.add_module(f"conv_layer_{place}", nn.Conv1d(embedding_dim, num_filters, size))
        pooled_dim = num_filters * len(self._ngram_filter_sizes)
        self.projection_layer = nn.Linear(pooled_dim, output_dim) if output_dim else None
        self._output_dim = output_dim or pooled_dim

    @overrides
    def get_input_dim(self) -> int:
        return self._embedding_dim

    @overrides
    def get_output_dim(self) -> int:
        return self._output_dim

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        lengths = sequence_lengths(mask)
        channels = zero_where_padded(tokens, mask).transpose(1, 2)  # (batch, dim, positions)
        missing = max(self._ngram_filter_sizes) - channels.size(2)
        channels = pad(channels, (0, max(missing, 0)))
        filters = range(len(self._ngram_filter_sizes))
        pooled = torch.cat([self._strongest(place, channels, lengths) for place in filters], dim=1)
        projected: Tensor = pooled if self.projection_layer is None else self.projection_layer(pooled)
        return projected

    def _strongest(self, place: int, channels: Tensor, lengths: Tensor) -> Tensor:
        convolution = self.get_submodule(f"conv_layer_{place}")
        answers: Tensor = self._activation(convolution(channels))  # (batch, filters, windows)
        num_windows = (lengths - self._ngram_filter_sizes[place] + 1).view(-1, 1, 1)
        is_outside = torch.arange(answers.size(2), device=answers.device) >= num_windows  # (batch, 1, windows)
        strongest = answers.masked_fill(is_outside, torch.finfo(answers.dtype).min).max(dim=2).values
        return strongest.masked_fill(num_windows.view(-1, 1) <= 0, 0.0)
