"""A layer's output beside its input, or the input alone."""

import torch
from torch import Tensor, nn


class ResidualWithLayerDropout(nn.Module):
    """Add a layer's output to its input; while training, leave the layer out at random, deeper layers more often.

    Source: Huang et al. (2016), Deep networks with stochastic depth, https://arxiv.org/abs/1603.09382.

    Args:
        undecayed_dropout_prob: How often the last layer is left out; fraction in [0, 1].

    Raises:
        ValueError: It is no such fraction.
    """

    def __init__(self, undecayed_dropout_prob: float = 0.5) -> None:
        super().__init__()
        if not 0 <= undecayed_dropout_prob <= 1:
            raise ValueError(f"undecayed_dropout_prob: got {undecayed_dropout_prob}; expected a fraction in [0, 1]")
        self.undecayed_dropout_prob = undecayed_dropout_prob

    def forward(
        self, layer_input: Tensor, layer_output: Tensor, layer_index: int | None = None, total_layers: int | None = None
    ) -> Tensor:
        """Add or leave out; when not training, add the output times how often it is kept.

        Args:
            layer_input: Any shape.
            layer_output: The same shape.
            layer_index: Number of the layer, from 1; None: the last.
            total_layers: How many layers there are; None: as many as `layer_index`.

        Returns:
            The same shape.
        """
        is_last = layer_index is None or total_layers is None
        left_out = self.undecayed_dropout_prob * (1.0 if is_last else layer_index / total_layers)  # type: ignore[operator]
        if not self.training:
            return layer_input + (1 - left_out) * layer_output
        return layer_input if torch.rand(1) < left_out else layer_input + layer_output
