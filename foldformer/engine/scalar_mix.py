"""A learned weighted sum of layers."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import softmax

from foldformer.config import ConfigurationError


class ScalarMix(nn.Module):
    """Mix layers of the same shape: `gamma * sum_k softmax(scalar_parameters)_k * layer_k`.

    Source: Peters et al. (2018), Deep contextualized word representations, equation 1, https://arxiv.org/abs/1802.05365.

    Args:
        mixture_size: How many layers are mixed.
        do_layer_norm: Normalize each layer over all real positions and dimensions before weighting; needs a mask.
        initial_scalar_parameters: One number a layer, before the softmax; zeros, so equal weights, by default.
        trainable: False keeps the weights and gamma as they are.

    Raises:
        ConfigurationError: `initial_scalar_parameters` has another length than `mixture_size`.
    """

    def __init__(
        self,
        mixture_size: int,
        do_layer_norm: bool = False,
        initial_scalar_parameters: list[float] | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__()
        initial = [0.0] * mixture_size if initial_scalar_parameters is None else initial_scalar_parameters
        if len(initial) != mixture_size:
            raise ConfigurationError(
                f"initial_scalar_parameters: got {len(initial)} numbers; expected one for each of {mixture_size} layers"
            )
        self.mixture_size = mixture_size
        self.do_layer_norm = do_layer_norm
        self.scalar_parameters = nn.ParameterList(
            nn.Parameter(torch.tensor([value]), requires_grad=trainable) for value in map(float, initial)
        )
        self.gamma = nn.Parameter(torch.tensor([1.0]), requires_grad=trainable)

    def layer_weights(self) -> Tensor:
        """Return what each layer is multiplied by, gamma included. (layers,)"""
        return self.gamma * softmax(torch.cat(list(self.scalar_parameters)), dim=0)

    def forward(self, tensors: Sequence[Tensor], mask: Tensor | None = None) -> Tensor:
        """Mix layers.

        Args:
            tensors: One tensor a layer, all of one shape. (..., dim)
            mask: True where a position is real; needed with `do_layer_norm` only. (...)

        Returns:
            The mixture, dtype of the layers. (..., dim)

        Raises:
            ConfigurationError: Not as many layers as weights.
            ValueError: `do_layer_norm` without a mask.
        """
        if len(tensors) != self.mixture_size:
            raise ConfigurationError(f"scalar mix: got {len(tensors)} layers; expected {self.mixture_size}")
        if self.do_layer_norm:
            tensors = [_normalize(tensor, mask) for tensor in tensors]
        weights = self.layer_weights().to(tensors[0].dtype)
        mixture = weights[0] * tensors[0]
        for weight, tensor in zip(weights[1:], tensors[1:], strict=True):
            mixture = torch.addcmul(mixture, weight, tensor)
        return mixture


def _normalize(tensor: Tensor, mask: Tensor | None) -> Tensor:
    """Give a layer mean 0 and variance 1, both taken over every real position and dimension at once."""
    if mask is None:
        raise ValueError("scalar mix: do_layer_norm needs a mask of the real positions, but none came")
    real = mask.unsqueeze(-1)
    num_values = mask.sum() * tensor.size(-1)
    mean = (tensor * real).sum() / num_values
    variance = (((tensor - mean) * real) ** 2).sum() / num_values
    return (tensor - mean) / torch.sqrt(variance + torch.finfo(tensor.dtype).tiny)
