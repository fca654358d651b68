"""A linear-chain conditional random field."""

from collections.abc import Iterable
from typing import overload

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.nn.crf.viterbi import TransitionScores, viterbi_decode
from foldformer.nn.masks import has_holes, left_align, reorder, sequence_lengths

FORBIDDEN = -10000.0
"""Score of a transition that breaks a constraint. Finite, so that where every path breaks one there still is a best."""

TagPath = tuple[list[int], float]
"""Tags and the score of the path."""


class ConditionalRandomField(nn.Module):
    """Score whole tag sequences: emissions plus a learned score for each pair of neighbouring tags.

        log p(tags | logits) = score(tags) - log(sum over all tag sequences of exp(score))
        score(tags) = start[t_1] + sum_i logits[i, t_i] + sum_i transitions[t_i, t_(i+1)] + end[t_n]

    Constraints act in decoding only, the likelihood sums over every sequence.

    Source: Lafferty, McCallum and Pereira 2001, for linear chains.
    """

    def __init__(
        self,
        num_tags: int,
        constraints: Iterable[tuple[int, int]] | None = None,
        include_start_end_transitions: bool = True,
    ) -> None:
        """Build with random transitions.

        Args:
            num_tags: How many tags.
            constraints: The pairs (from, to) that decoding may use, as `allowed_transitions` lists them, with
                `num_tags` for the start and `num_tags + 1` for the end of a sequence; None: all.
            include_start_end_transitions: Learn a score for beginning and for ending with each tag.
        """
        super().__init__()
        self.num_tags = num_tags
        self.include_start_end_transitions = include_start_end_transitions
        self.transitions = nn.Parameter(torch.empty(num_tags, num_tags))
        self.register_buffer("_constraint_mask", _constraint_mask(num_tags, constraints))
        self._constraint_mask: Tensor
        if include_start_end_transitions:
            self.start_transitions = nn.Parameter(torch.empty(num_tags))
            self.end_transitions = nn.Parameter(torch.empty(num_tags))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the transitions anew."""
        nn.init.xavier_normal_(self.transitions)
        if self.include_start_end_transitions:
            nn.init.normal_(self.start_transitions)
            nn.init.normal_(self.end_transitions)

    @overrides(check_signature=False)
    def forward(self, inputs: Tensor, tags: Tensor, mask: Tensor | None = None) -> Tensor:
        """Compute the log likelihood of the tags, summed over the batch.

        A row without a real position adds nothing.

        Args:
            inputs: Emission scores (logits). (batch, positions, tags)
            tags: True tags, int64. (batch, positions)
            mask: True where real; None: everywhere. (batch, positions)

        Returns:
            A scalar.
        """
        mask = _mask_or_ones(mask, tags)
        return torch.where(mask.any(dim=1), self._log_likelihoods(inputs, tags, mask), 0.0).sum()

    def _log_likelihoods(self, logits: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Log likelihood of each row's tags. (batch,)."""
        tag_scores = self._tag_scores(logits, tags, mask, self.transitions)
        return tag_scores - self._log_partition(logits, mask, self.transitions)

    def _log_partition(self, logits: Tensor, mask: Tensor, transitions: Tensor) -> Tensor:
        """Sum over all tag sequences, in log space, by the forward algorithm. (batch,)."""
        reached = self._with_start(logits[:, 0])  # (batch, tags)
        for position in range(1, logits.size(1)):
            onward = reached.unsqueeze(2) + transitions + logits[:, position].unsqueeze(1)  # (batch, tags, tags)
            reached = torch.where(mask[:, position].unsqueeze(1), onward.logsumexp(dim=1), reached)
        return self._with_end(reached).logsumexp(dim=1)

    def _tag_scores(self, logits: Tensor, tags: Tensor, mask: Tensor, transitions: Tensor) -> Tensor:
        """Score the given tags. (batch,).

        With holes in the mask (a loss that leaves out O tags), the last tag is the one at place "number of real
        positions" and the first tag always gets its start score: as AllenNLP 2.10.1 counts, so that losses agree.
        """
        last_place = (sequence_lengths(mask) - 1).clamp(min=0).unsqueeze(1)
        last_tags = tags.gather(1, last_place)  # (batch, 1)
        emitted = torch.cat([tags[:, :-1], last_tags], dim=1)
        emissions = logits.gather(2, emitted.unsqueeze(-1)).squeeze(-1)
        score = torch.where(mask, emissions, 0.0).sum(dim=1)
        moves = transitions[tags[:, :-1], tags[:, 1:]]
        score = score + torch.where(mask[:, 1:], moves, 0.0).sum(dim=1)
        if not self.include_start_end_transitions:
            return score
        return score + self.start_transitions[tags[:, 0]] + self.end_transitions[last_tags.squeeze(1)]

    def _with_start(self, scores: Tensor) -> Tensor:
        return scores + self.start_transitions if self.include_start_end_transitions else scores

    def _with_end(self, scores: Tensor) -> Tensor:
        return scores + self.end_transitions if self.include_start_end_transitions else scores

    @overload
    def viterbi_tags(self, logits: Tensor, mask: Tensor | None = None, top_k: None = None) -> list[TagPath]: ...

    @overload
    def viterbi_tags(self, logits: Tensor, mask: Tensor | None, top_k: int) -> list[list[TagPath]]: ...

    def viterbi_tags(
        self, logits: Tensor, mask: Tensor | None = None, top_k: int | None = None
    ) -> list[TagPath] | list[list[TagPath]]:
        """Find the best tag sequences of each row.

        Args:
            logits: Emission scores. (batch, positions, tags)
            mask: True where real; None: everywhere. Positions that are not real are left out. (batch, positions)
            top_k: How many; a row that has fewer sequences gives all it has, and after the best one only those that
                break no constraint. None: the best one, not in a list.

        Returns:
            For each row, tags (as many as it has real positions) and score of each path, best first.

        Raises:
            ValueError: `top_k` is below 1.
        """
        if top_k is None:
            return [paths[0] for paths in self._best_paths(logits, mask, 1)]
        if top_k < 1:
            raise ValueError(f"top_k: got {top_k}; expected at least 1")
        return self._best_paths(logits, mask, top_k)

    @torch.no_grad()
    def _best_paths(self, logits: Tensor, mask: Tensor | None, top_k: int) -> list[list[TagPath]]:
        mask = _mask_or_ones(mask, logits[..., 0])
        if mask.size(1) == 0:
            return [[([], 0.0)] for _ in range(mask.size(0))]
        if has_holes(mask):
            logits = reorder(logits, left_align(mask))
        lengths = sequence_lengths(mask)
        decoded = viterbi_decode(logits.detach(), lengths, self._constrained_scores(), top_k)
        counts = decoded.scores != -torch.inf
        if top_k > 1:
            counts &= self._is_allowed(decoded.paths, lengths)
        counts[:, 0] = True
        rows = zip(decoded.paths.tolist(), decoded.scores.tolist(), counts.tolist(), lengths.tolist(), strict=True)
        return [_paths_of_row(*row) for row in rows]

    def _is_allowed(self, paths: Tensor, lengths: Tensor) -> Tensor:
        """Tell which paths break no constraint. (batch, top_k).

        Args:
            paths: Tags; meaningless past a sequence's length. (batch, top_k, positions)
            lengths: How many positions are real. (batch,)
        """
        allowed = self._constraint_mask.bool()
        ends = (lengths - 1).clamp(min=0).view(-1, 1, 1).expand(-1, paths.size(1), 1)
        last = paths.gather(2, ends).squeeze(2)
        real = torch.arange(1, paths.size(2), device=paths.device) < lengths.view(-1, 1, 1)
        moves = allowed[paths[..., :-1], paths[..., 1:]] | ~real
        return allowed[self.num_tags, paths[..., 0]] & moves.all(dim=2) & allowed[last, self.num_tags + 1]

    def _constrained_scores(self) -> TransitionScores:
        tags, start, end = self.num_tags, self.num_tags, self.num_tags + 1
        allowed = self._constraint_mask.bool()
        zeros = self.transitions.new_zeros(tags)
        from_start = self.start_transitions if self.include_start_end_transitions else zeros
        to_end = self.end_transitions if self.include_start_end_transitions else zeros
        return TransitionScores(
            start=from_start.masked_fill(~allowed[start, :tags], FORBIDDEN),
            between=self.transitions.masked_fill(~allowed[:tags, :tags], FORBIDDEN),
            end=to_end.masked_fill(~allowed[:tags, end], FORBIDDEN),
        )


def _constraint_mask(num_tags: int, constraints: Iterable[tuple[int, int]] | None) -> Tensor:
    size = num_tags + 2
    if constraints is None:
        return torch.ones(size, size)
    mask = torch.zeros(size, size)
    for before, after in constraints:
        mask[before, after] = 1.0
    return mask


def _mask_or_ones(mask: Tensor | None, like: Tensor) -> Tensor:
    return torch.ones_like(like, dtype=torch.bool) if mask is None else mask.bool()


def _paths_of_row(paths: list[list[int]], scores: list[float], counts: list[bool], length: int) -> list[TagPath]:
    if length == 0:
        return [([], 0.0)]
    return [(path[:length], score) for path, score, is_one in zip(paths, scores, counts, strict=True) if is_one]
