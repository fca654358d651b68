"""Conditional random fields that weigh rare tags up, or common ones down, in the loss. Decoding knows no weights."""

from collections.abc import Iterable, Sequence

import torch
from overrides import overrides
from torch import Tensor

from foldformer.nn.crf.conditional_random_field import ConditionalRandomField


class _WeightedConditionalRandomField(ConditionalRandomField):
    """Hold one weight a tag."""

    def __init__(
        self,
        num_tags: int,
        label_weights: Sequence[float],
        constraints: Iterable[tuple[int, int]] | None = None,
        include_start_end_transitions: bool = True,
    ) -> None:
        """Build as `ConditionalRandomField`.

        Args:
            num_tags: How many tags.
            label_weights: Weight of each tag; 1 leaves it as it is.
            constraints: The pairs that decoding may use.
            include_start_end_transitions: Learn a score for beginning and for ending with each tag.

        Raises:
            ValueError: There is not one weight for each tag.
        """
        super().__init__(num_tags, constraints, include_start_end_transitions)
        if len(label_weights) != num_tags:
            raise ValueError(
                f"label_weights: got {len(label_weights)} weights; expected one for each of {num_tags} tags"
            )
        self.register_buffer("label_weights", torch.tensor(label_weights, dtype=torch.float))
        self.label_weights: Tensor


class ConditionalRandomFieldWeightEmission(_WeightedConditionalRandomField):
    """Multiply the emission scores of each tag by its weight."""

    @overrides
    def _log_likelihoods(self, logits: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        return super()._log_likelihoods(logits * self.label_weights, tags, mask)


class ConditionalRandomFieldWeightTrans(_WeightedConditionalRandomField):
    """Multiply the emission scores of each tag, and the scores of going on from it, by its weight."""

    @overrides
    def _log_likelihoods(self, logits: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        logits = logits * self.label_weights
        transitions = self.transitions * self.label_weights.unsqueeze(1)
        return self._tag_scores(logits, tags, mask, transitions) - self._log_partition(logits, mask, transitions)


class ConditionalRandomFieldWeightLannoy(_WeightedConditionalRandomField):
    """Weigh each position's part of the likelihood by the weight of its true tag.

    The partition function is a product of one normaliser for each position (of the forward algorithm, rescaled at every
    step); each normaliser's logarithm is weighted by the true tag there.

    Source: Lannoy et al., "Weighted conditional random fields for supervised interpatient heartbeat classification",
    2012.
    """

    @overrides
    def _log_likelihoods(self, logits: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        transitions = self.transitions * self.label_weights.unsqueeze(1)
        tag_scores = self._tag_scores(logits * self.label_weights, tags, mask, transitions)
        return tag_scores - self._weighted_log_partition(logits, tags, mask)

    def _weighted_log_partition(self, logits: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        weights = self.label_weights[tags]  # (batch, positions)
        reached, normaliser = _normalised(self._with_start(logits[:, 0]))
        total = normaliser * weights[:, 0]
        for position in range(1, logits.size(1)):
            onward = reached.unsqueeze(2) + self.transitions + logits[:, position].unsqueeze(1)
            moved, normaliser = _normalised(onward.logsumexp(dim=1))
            is_real = mask[:, position]
            reached = torch.where(is_real.unsqueeze(1), moved, reached)
            total = total + torch.where(is_real, normaliser * weights[:, position], 0.0)
        return total + self._with_end(reached).logsumexp(dim=1)


def _normalised(scores: Tensor) -> tuple[Tensor, Tensor]:
    normaliser = scores.logsumexp(dim=1)
    return scores - normaliser.unsqueeze(1), normaliser
