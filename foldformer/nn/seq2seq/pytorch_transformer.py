"""torch's own transformer encoder."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, Fraction, Problem
from foldformer.nn.masks import zero_where_padded
from foldformer.nn.seq2seq.seq2seq_encoder import Seq2SeqEncoder

LONGEST_TIMESCALE = 1.0e4


@Seq2SeqEncoder.register("pytorch_transformer")
class PytorchTransformer(Seq2SeqEncoder):
    """Stacked self-attention, with positions added as sinusoids, as learned vectors, or not at all.

    Source: Vaswani et al. 2017, "Attention Is All You Need". The sinusoids stand in halves, all sines before all
    cosines, not in turns as in the paper.
    """

    def __init__(
        self,
        input_dim: AtLeastOne,
        num_layers: AtLeastOne,
        feedforward_hidden_dim: AtLeastOne = 2048,
        num_attention_heads: AtLeastOne = 8,
        positional_encoding: Literal["sinusoidal", "embedding"] | None = None,
        positional_embedding_size: AtLeastOne = 512,
        dropout_prob: Fraction = 0.1,
        activation: Literal["relu", "gelu"] = "relu",
    ) -> None:
        """Build with random weights.

        Args:
            input_dim: Width of the vectors, in and out.
            num_layers: How many layers.
            feedforward_hidden_dim: Width within each layer's feed-forward network.
            num_attention_heads: Heads of each layer; a divisor of `input_dim`.
            positional_encoding: How positions are told apart; None: not at all.
            positional_embedding_size: How many positions have a learned vector.
            dropout_prob: Dropout within the layers; fraction in [0, 1).
            activation: Within the feed-forward networks.
        """
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            d_model=input_dim,
            nhead=num_attention_heads,
            dim_feedforward=feedforward_hidden_dim,
            dropout=dropout_prob,
            activation=activation,
            batch_first=True,
        )
        self._transformer = nn.TransformerEncoder(layer, num_layers, enable_nested_tensor=False)
        for parameter in self._transformer.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)
        self._input_dim = input_dim
        self._has_sinusoids = positional_encoding == "sinusoidal"
        learned = positional_encoding == "embedding"
        self._positional_embedding = nn.Embedding(positional_embedding_size, input_dim) if learned else None

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """Heads that share the width evenly."""
        width, heads = block.get("input_dim", 0), block.get("num_attention_heads", 8)
        if width % heads:
            yield Problem("num_attention_heads", f"got {heads}; expected a divisor of input_dim, {width}")

    @overrides
    def get_input_dim(self) -> int:
        return self._input_dim

    @overrides
    def get_output_dim(self) -> int:
        return self._input_dim

    @overrides
    def is_bidirectional(self) -> bool:
        return False

    @overrides
    def forward(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Encode one batch.

        Raises:
            ValueError: The sequence is longer than there are learned positions.
        """
        outputs = self._with_positions(zero_where_padded(inputs, mask))
        if mask is None or mask.all():
            return self._encode(outputs, None)
        # A row that may look at nothing would give NaN: it looks at everything, and is set to zero afterwards.
        visible = mask.bool() | ~mask.bool().any(dim=1, keepdim=True)
        return zero_where_padded(self._encode(outputs, ~visible), mask)

    def _encode(self, inputs: Tensor, hidden: Tensor | None) -> Tensor:
        outputs: Tensor = self._transformer(inputs, src_key_padding_mask=hidden)
        return outputs

    def _with_positions(self, inputs: Tensor) -> Tensor:
        length = inputs.size(1)
        if self._has_sinusoids:
            return inputs + sinusoids(length, self._input_dim).to(inputs)
        if self._positional_embedding is None:
            return inputs
        limit = self._positional_embedding.num_embeddings
        if length > limit:
            raise ValueError(
                f"pytorch_transformer: got {length} positions; expected at most positional_embedding_size={limit}"
            )
        positions: Tensor = self._positional_embedding(torch.arange(length, device=inputs.device))
        return inputs + positions


def sinusoids(length: int, dim: int) -> Tensor:
    """Compute the sinusoids that tell positions apart.

        [p, i]           = sin(p / LONGEST_TIMESCALE ** (i / (h - 1)))        i < h = dim // 2
        [p, h + i]       = cos(same)                                          an odd last dimension is zero

    Args:
        length: How many positions.
        dim: Width of the vectors.

    Returns:
        (length, dim)
    """
    half = dim // 2
    steps = torch.arange(half, dtype=torch.float) / max(half - 1, 1)
    angles = torch.arange(length, dtype=torch.float).unsqueeze(1) * torch.exp(-steps * math.log(LONGEST_TIMESCALE))
    return nn.functional.pad(torch.cat([angles.sin(), angles.cos()], dim=1), (0, dim - 2 * half))
