"""How well each position of one text matches another text, seen from several perspectives."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
from overrides import overrides
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from foldformer.config import AtLeastOne, FromParams, Problem, refuse
from foldformer.nn.functions.limits import tiny_value_of_dtype
from foldformer.nn.functions.masked import masked_max, masked_mean, masked_softmax

_KINDS = ("with_full_match", "with_maxpool_match", "with_attentive_match", "with_max_attentive_match")


def multi_perspective_match(vector1: Tensor, vector2: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Compare vectors position by position: plainly, and weighted by each perspective.

    Args:
        vector1: (batch, positions, dim)
        vector2: (batch, positions or 1, dim)
        weight: What each perspective looks at. (perspectives, dim)

    Returns:
        Cosines. (batch, positions, 1), (batch, positions, perspectives)
    """
    plain = cosine_similarity(vector1, vector2, dim=2).unsqueeze(2)
    first, second = (
        vector1.unsqueeze(2) * weight,
        vector2.unsqueeze(2) * weight,
    )  # (batch, positions, perspectives, dim)
    return plain, cosine_similarity(first, second, dim=3)


def multi_perspective_match_pairwise(vector1: Tensor, vector2: Tensor, weight: Tensor) -> Tensor:
    """Compare each position with each position of another text, weighted by each perspective.

    Args:
        vector1: (batch, positions, dim)
        vector2: (batch, others, dim)
        weight: What each perspective looks at. (perspectives, dim)

    Returns:
        Cosines. (batch, positions, others, perspectives)
    """
    first, second = (each.unsqueeze(1) * weight.unsqueeze(1) for each in (vector1, vector2))
    lengths = first.norm(dim=3).unsqueeze(3) * second.norm(dim=3).unsqueeze(2)
    cosines: Tensor = first @ second.transpose(2, 3) / lengths.clamp(min=tiny_value_of_dtype(lengths.dtype))
    return cosines.permute(0, 2, 3, 1)


class _Pair(NamedTuple):
    """A text and another that it is compared with."""

    context: Tensor
    """(batch, positions, dim)"""
    mask: Tensor
    other: Tensor
    """(batch, others, dim)"""
    other_mask: Tensor
    cosines: Tensor
    """(batch, positions, others)"""
    perspectives: Tensor | None
    """(batch, positions, others, perspectives)"""


class BiMpmMatching(nn.Module, FromParams):
    """Compare each position of two texts with the other text.

    Always the largest and the mean cosine, and besides, plainly and by each perspective: with the other's last
    position (full), with all its positions (largest and mean, maxpool), with its vectors weighted by their cosines,
    summed (attentive) or the largest (max attentive). The attentive sum goes through a softmax over its dimensions, as
    it does in AllenNLP.

    Source: Wang, Hamza and Florian, Bilateral multi-perspective matching for natural language sentences, 2017.
    """

    def __init__(
        self,
        hidden_dim: AtLeastOne = 100,
        num_perspectives: AtLeastOne = 20,
        share_weights_between_directions: bool = True,
        is_forward: bool | None = None,
        with_full_match: bool = True,
        with_maxpool_match: bool = True,
        with_attentive_match: bool = True,
        with_max_attentive_match: bool = True,
    ) -> None:
        """Build with random weights.

        Args:
            hidden_dim: Width of the vectors.
            num_perspectives: How many perspectives.
            share_weights_between_directions: Use the same perspectives from the second text to the first.
            is_forward: Whether texts were read forward, so that the last position has seen all; else the first has.
            with_full_match: Compare with the position that has seen all.
            with_maxpool_match: Compare with all positions.
            with_attentive_match: Compare with the sum of the other's vectors, weighted by cosines.
            with_max_attentive_match: Compare with the largest of these.

        Raises:
            ConfigurationError: All four are off, or the full match lacks `is_forward`.
        """
        super().__init__()
        chosen = (with_full_match, with_maxpool_match, with_attentive_match, with_max_attentive_match)
        refuse(self.check_block({**dict(zip(_KINDS, chosen, strict=True)), "is_forward": is_forward}))
        self.hidden_dim, self.num_perspectives, self.is_forward = hidden_dim, num_perspectives, is_forward
        self.with_full_match, self.with_maxpool_match = with_full_match, with_maxpool_match
        self.with_attentive_match, self.with_max_attentive_match = with_attentive_match, with_max_attentive_match
        if with_full_match:
            self._add_weights("full_match", share_weights_between_directions)
        if with_maxpool_match:
            self.maxpool_match_weights = self._new_weights()
        if with_attentive_match:
            self._add_weights("attentive_match", share_weights_between_directions)
        if with_max_attentive_match:
            self._add_weights("max_attentive_match", share_weights_between_directions)
        compared = with_full_match + with_attentive_match + with_max_attentive_match
        self.output_dim = 2 + compared * (num_perspectives + 1) + with_maxpool_match * 2 * num_perspectives

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """Something to compare with, and what a full match needs."""
        if not any(block.get(kind, True) for kind in _KINDS):
            yield Problem("", f"got {' and '.join(_KINDS)} false; expected one of them true")
        if block.get("with_full_match", True) and block.get("is_forward") is None:
            yield Problem("is_forward", "got null with with_full_match; expected true or false")

    def get_output_dim(self) -> int:
        """Width of all matches of a position, beside each other."""
        return self.output_dim

    @overrides(check_signature=False)
    def forward(
        self, context_1: Tensor, mask_1: Tensor, context_2: Tensor, mask_2: Tensor
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Compare two texts.

        Args:
            context_1: Vectors of the first. (batch, positions, dim)
            mask_1: True where real. (batch, positions)
            context_2: Vectors of the second. (batch, others, dim)
            mask_2: True where real. (batch, others)

        Returns:
            Matches of each position of the first, and of the second; each (batch, positions, 1 or perspectives).
        """
        first, second = context_1 * mask_1.unsqueeze(-1), context_2 * mask_2.unsqueeze(-1)
        cosines = cosine_similarity(first.unsqueeze(2), second.unsqueeze(1), dim=3)
        every = None
        if self.with_maxpool_match:
            every = multi_perspective_match_pairwise(first, second, self.maxpool_match_weights)
        back = None if every is None else every.transpose(1, 2)
        return (
            list(self._matches(_Pair(first, mask_1, second, mask_2, cosines, every), "weights")),
            list(
                self._matches(_Pair(second, mask_2, first, mask_1, cosines.transpose(1, 2), back), "weights_reversed")
            ),
        )

    def _matches(self, pair: _Pair, weights: str) -> Iterator[Tensor]:
        yield masked_max(pair.cosines, pair.other_mask.unsqueeze(1), dim=2, keepdim=True)
        yield masked_mean(pair.cosines, pair.other_mask.unsqueeze(1), dim=2, keepdim=True)
        if self.with_full_match:
            last = self._whole(pair.other, pair.other_mask)
            yield from multi_perspective_match(pair.context, last, getattr(self, f"full_match_{weights}"))
        real = pair.other_mask.unsqueeze(1).unsqueeze(-1)
        if pair.perspectives is not None:
            yield masked_max(pair.perspectives, real, dim=2)
            yield masked_mean(pair.perspectives, real, dim=2)
        if self.with_attentive_match:
            attended = masked_softmax(pair.cosines @ pair.other, pair.mask.unsqueeze(-1))
            yield from multi_perspective_match(pair.context, attended, getattr(self, f"attentive_match_{weights}"))
        if self.with_max_attentive_match:
            largest = masked_max(pair.other.unsqueeze(1) * pair.cosines.unsqueeze(-1), real, dim=2)
            yield from multi_perspective_match(pair.context, largest, getattr(self, f"max_attentive_match_{weights}"))

    def _whole(self, context: Tensor, mask: Tensor) -> Tensor:
        """The position that has seen all of a text. (batch, 1, dim)."""
        if not self.is_forward:
            return context[:, :1]
        last = (mask.sum(dim=1) - 1).clamp(min=0)
        return context[torch.arange(len(last), device=last.device), last].unsqueeze(1)

    def _new_weights(self) -> nn.Parameter:
        return nn.Parameter(nn.init.kaiming_normal_(torch.empty(self.num_perspectives, self.hidden_dim)))

    def _add_weights(self, name: str, are_shared: bool) -> None:
        weights = self._new_weights()
        self.register_parameter(f"{name}_weights", weights)
        self.register_parameter(f"{name}_weights_reversed", weights if are_shared else self._new_weights())
