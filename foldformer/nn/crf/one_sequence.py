"""The best tags of one sequence, for scores that come from anywhere."""

from collections.abc import Sequence

import torch
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.nn.crf.viterbi import TransitionScores
from foldformer.nn.crf.viterbi import viterbi_decode as decode_batch

Decoded = tuple[list[int], Tensor] | tuple[list[list[int]], Tensor]


def viterbi_decode(
    tag_sequence: Tensor,
    transition_matrix: Tensor,
    tag_observations: Sequence[int] | None = None,
    allowed_start_transitions: Tensor | None = None,
    allowed_end_transitions: Tensor | None = None,
    top_k: int | None = None,
) -> Decoded:
    """Find the best tags of a sequence, or the `top_k` best.

    A path's score is the sum of its tags' scores and of its transitions. (AllenNLP 2.10.1 adds 100,000 for a known tag,
    and forgets what came before it.)

    Args:
        tag_sequence: Score of each tag at each position. (positions, tags)
        transition_matrix: Score of going from each tag to each tag; -inf where that is not allowed. (tags, tags)
        tag_observations: The tag of each position where it is known, else -1.
        allowed_start_transitions: Score of beginning with each tag. (tags,)
        allowed_end_transitions: Score of ending with each tag. (tags,)
        top_k: How many; None: the best alone, not in a list.

    Returns:
        Tags and their score. With `top_k`, lists of tags, best first, and their scores (paths,).

    Raises:
        ValueError: `top_k` is below 1.
        ConfigurationError: There are not as many observations as positions.
    """
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k: got {top_k}; expected at least 1, or None")
    positions, tags = tag_sequence.shape
    if tag_observations:
        tag_sequence = _with_known(tag_sequence, tag_observations)
    none = tag_sequence.new_zeros(tags)
    scores = TransitionScores(
        none if allowed_start_transitions is None else allowed_start_transitions,
        transition_matrix,
        none if allowed_end_transitions is None else allowed_end_transitions,
    )
    lengths = torch.tensor([positions], device=tag_sequence.device)
    found = decode_batch(tag_sequence.unsqueeze(0), lengths, scores, min(top_k or 1, tags**positions))
    if top_k is None:
        return found.paths[0, 0].tolist(), found.scores[0, 0]
    return found.paths[0].tolist(), found.scores[0]


def _with_known(tag_sequence: Tensor, observations: Sequence[int]) -> Tensor:
    if len(observations) != len(tag_sequence):
        raise ConfigurationError(
            f"tag_observations: got {len(observations)}; expected {len(tag_sequence)}, one for each position"
        )
    known = torch.tensor(observations, device=tag_sequence.device).unsqueeze(1)
    tags = torch.arange(tag_sequence.size(1), device=tag_sequence.device)
    return tag_sequence.masked_fill((known >= 0) & (tags != known), -torch.inf)
