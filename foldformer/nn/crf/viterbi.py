"""The best tag sequences of a whole batch, by dynamic programming."""

from typing import NamedTuple

import torch
from torch import Tensor


class TransitionScores(NamedTuple):
    """Scores of going from one tag to the next, constraints included."""

    start: Tensor
    """From the start of the sequence to each tag. (tags,)"""
    between: Tensor
    """From each tag to each tag. (tags, tags)"""
    end: Tensor
    """From each tag to the end of the sequence. (tags,)"""


class Decoded(NamedTuple):
    """The best paths of each sequence, best first."""

    paths: Tensor
    """Tags; meaningless past a sequence's length. (batch, top_k, positions)"""
    scores: Tensor
    """Minus infinity where a sequence has fewer paths than `top_k`. (batch, top_k)"""


def viterbi_decode(logits: Tensor, lengths: Tensor, scores: TransitionScores, top_k: int) -> Decoded:
    """Find the `top_k` best tag sequences of every row at once.

    Each tag keeps its `top_k` best ways to be reached; a path's state is a pair (rank, tag), written as the one number
    `rank * tags + tag`. A row that has ended hands its states on unchanged.

    Args:
        logits: Score of each tag at each position, the real ones first. (batch, positions, tags)
        lengths: How many positions are real. (batch,)
        scores: Transition scores.
        top_k: How many paths.

    Returns:
        Paths and their scores.
    """
    batch, positions, tags = logits.shape
    reached = logits.new_full((batch, top_k, tags), -torch.inf)
    reached[:, 0] = scores.start + logits[:, 0]
    unmoved = torch.arange(top_k * tags, device=logits.device).view(1, top_k, tags)
    origins: list[Tensor] = []
    for position in range(1, positions):
        onward = reached.unsqueeze(-1) + scores.between  # (batch, top_k, tags, tags)
        best, origin = onward.flatten(1, 2).topk(top_k, dim=1)  # (batch, top_k, tags)
        runs_on = (position < lengths).view(-1, 1, 1)
        reached = torch.where(runs_on, best + logits[:, position].unsqueeze(1), reached)
        origins.append(torch.where(runs_on, origin, unmoved))
    final, state = (reached + scores.end).flatten(1).topk(top_k, dim=1)  # (batch, top_k)
    return Decoded(_trace_back(state, origins, tags), final)


def _trace_back(state: Tensor, origins: list[Tensor], tags: int) -> Tensor:
    backwards = [state % tags]
    for origin in reversed(origins):
        state = origin.flatten(1).gather(1, state)
        backwards.append(state % tags)
    return torch.stack(backwards[::-1], dim=-1)
