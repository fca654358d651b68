"""Cross entropy over padded sequences."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def sequence_cross_entropy_with_logits(
    logits: Tensor,
    targets: Tensor,
    weights: Tensor,
    average: Literal["batch", "token"] | None = "batch",
    label_smoothing: float | None = None,
    gamma: float | None = None,
    alpha: float | Sequence[float] | Tensor | None = None,
) -> Tensor:
    """Average the cross entropy of each position, weighted by position.

    A sequence whose weights are all zero counts neither in the sum nor in the number of sequences.

    Args:
        logits: Unnormalised scores. (batch, positions, classes)
        targets: True classes; any valid class where the weight is zero. (batch, positions)
        weights: Weight of each position, usually the mask; bool or float. (batch, positions)
        average: "batch": mean over sequences of each sequence's mean; "token": mean over positions; None: no mean
            over the batch.
        label_smoothing: Share of the probability that is spread over all classes; fraction in [0, 1].
        gamma: Take each position times `(1 - p) ** gamma`, where p is the probability of its true class: the focal loss
            of Lin et al. (2017), https://arxiv.org/abs/1708.02002. The means are still over `weights`.
        alpha: Take each position times the weight of its true class; a number is that of the second of two classes,
            and what is left to 1 is that of the first.

    Returns:
        The loss, a scalar; with `average=None` one value per sequence. (batch,)

    Raises:
        ValueError: `average` is not one of those.
    """
    if average not in ("batch", "token", None):
        raise ValueError(f'average: got {average!r}; expected "batch", "token" or None')
    weights = weights.to(logits.dtype)
    each = cross_entropy(
        logits.transpose(1, 2), targets.long(), reduction="none", label_smoothing=label_smoothing or 0.0
    )
    if gamma:
        true_class = logits.softmax(-1).gather(-1, targets.long().unsqueeze(-1)).squeeze(-1)
        each = each * (1 - true_class) ** gamma
    if alpha is not None:
        each = each * _class_weights(alpha).to(weights)[targets.long()]
    each = torch.where(weights == 0, 0.0, each * weights)  # (batch, positions)
    if average == "token":
        return each.sum() / _at_least_tiny(weights.sum())
    totals = weights.sum(dim=1)
    per_sequence = each.sum(dim=1) / _at_least_tiny(totals)
    if average is None:
        return per_sequence
    return per_sequence.sum() / (totals > 0).sum().clamp(min=1)


def _class_weights(alpha: float | Sequence[float] | Tensor) -> Tensor:
    weights = torch.as_tensor(alpha, dtype=torch.float)
    return weights if weights.dim() else torch.stack([1 - weights, weights])


def _at_least_tiny(divisor: Tensor) -> Tensor:
    return divisor.clamp(min=torch.finfo(divisor.dtype).tiny)
