"""The best tags of one sequence are the best of all sequences of tags."""

import itertools
from collections.abc import Sequence

import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.nn.crf.one_sequence import viterbi_decode

SCORES, TRANSITIONS = torch.randn(4, 3, generator=torch.manual_seed(2)), torch.randn(3, 3)
START, END = torch.tensor([0.0, -torch.inf, 0.5]), torch.tensor([-torch.inf, 0.25, 0.0])


def score_of(path: Sequence[int], start: torch.Tensor, end: torch.Tensor) -> float:
    inner = sum(SCORES[place, tag] for place, tag in enumerate(path))
    steps = sum(TRANSITIONS[tag, following] for tag, following in itertools.pairwise(path))
    return float(inner + steps + start[path[0]] + end[path[-1]])


def every_path(start: torch.Tensor, end: torch.Tensor, known: Sequence[int]) -> list[tuple[float, list[int]]]:
    paths = [list(path) for path in itertools.product(range(3), repeat=4)]
    fits = [path for path in paths if all(wanted in (-1, tag) for tag, wanted in zip(path, known, strict=True))]
    return sorted(((score_of(path, start, end), path) for path in fits), reverse=True)


@pytest.mark.parametrize("known", [[-1, -1, -1, -1], [-1, 1, -1, -1], [0, -1, -1, 2]])
@pytest.mark.parametrize("ends", [(START, END), (START, torch.zeros(3)), (torch.zeros(3), torch.zeros(3))])
def test_best_paths_are_those_of_all_paths(ends: tuple[torch.Tensor, torch.Tensor], known: list[int]) -> None:
    expected = every_path(*ends, known)[:3]
    paths, scores = viterbi_decode(SCORES, TRANSITIONS, known, *ends, top_k=3)
    assert paths == [path for _, path in expected]
    torch.testing.assert_close(scores, torch.tensor([score for score, _ in expected]))
    assert viterbi_decode(SCORES, TRANSITIONS, known, *ends)[0] == paths[0]


def test_viterbi_refuses_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="top_k: got 0"):
        viterbi_decode(SCORES, TRANSITIONS, top_k=0)
    with pytest.raises(ConfigurationError, match="tag_observations: got 2; expected 4"):
        viterbi_decode(SCORES, TRANSITIONS, [1, 2])
