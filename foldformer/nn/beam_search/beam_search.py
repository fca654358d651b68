"""Search for the most probable sequences, a token at a time."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from inspect import signature
from typing import Any, NamedTuple

import torch
from torch import Tensor

from foldformer.config import AtLeastOne, ConfigurationError, Lazy, Registrable
from foldformer.nn.beam_search.constraint import Constraint, ConstraintState
from foldformer.nn.beam_search.final_sequence_scorer import FinalSequenceScorer, SequenceLogProbabilityScorer
from foldformer.nn.beam_search.sampler import DeterministicSampler, Sampler, State
from foldformer.nn.functions.limits import min_value_of_dtype
from foldformer.text import Vocabulary

StepFunction = Callable[..., tuple[Tensor, State]]
"""From the last tokens (rows,) and the model's state, and from the number of the step where it asks for it, to the log
probabilities of the next tokens (rows, classes) and the new state."""
_LAYERED = ("decoder_hidden", "decoder_context")
"""States with a dimension for layers before that of the rows, where they have three dimensions."""


class _Beams(NamedTuple):
    """What has been written so far."""

    sequences: Tensor
    """(batch, beams, steps)"""
    log_probabilities: Tensor
    """(batch, beams)"""


class BeamSearch(Registrable):
    """Write sequences a token at a time, and go on with the most probable ones only."""

    default_implementation = "beam_search"

    def __init__(
        self,
        end_index: int,
        max_steps: AtLeastOne = 50,
        beam_size: AtLeastOne = 10,
        per_node_beam_size: AtLeastOne | None = None,
        sampler: Sampler | None = None,
        min_steps: int | None = None,
        final_sequence_scorer: FinalSequenceScorer | None = None,
        constraints: list[Lazy[Constraint]] | None = None,
        vocab: Vocabulary | None = None,
    ) -> None:
        """Build.

        Args:
            end_index: The token that ends a sequence.
            max_steps: The longest sequence, in tokens.
            beam_size: How many sequences go on from step to step.
            per_node_beam_size: How many ways each of them may go on; None: `beam_size`.
            sampler: Picks tokens and sequences; None: the most probable ones.
            min_steps: The shortest sequence, in tokens, without the end token.
            final_sequence_scorer: Orders what was found; None: by log probability.
            constraints: What must not be written.
            vocab: Names of the tokens, for the constraints.

        Raises:
            ValueError: A number is out of its range.
        """
        for name, value in (("max_steps", max_steps), ("beam_size", beam_size)):
            if value < 1:
                raise ValueError(f"{name}: got {value}; expected at least 1")
        if per_node_beam_size is not None and per_node_beam_size < 1:
            raise ValueError(f"per_node_beam_size: got {per_node_beam_size}; expected at least 1")
        if min_steps is not None and not 0 <= min_steps <= max_steps:
            raise ValueError(f"min_steps: got {min_steps}; expected 0 to max_steps, {max_steps}")
        self._end_index = end_index
        self.max_steps = max_steps
        self.beam_size = beam_size
        self.per_node_beam_size = per_node_beam_size or beam_size
        self.sampler = sampler or DeterministicSampler()
        self.min_steps = min_steps or 0
        self.final_sequence_scorer = final_sequence_scorer or SequenceLogProbabilityScorer()
        self.constraints = [constraint.construct(vocab=vocab) for constraint in constraints or []]

    @torch.no_grad()
    def search(self, start_predictions: Tensor, start_state: State, step: StepFunction) -> tuple[Tensor, Tensor]:
        """Search, once for each start.

        Args:
            start_predictions: Tokens to start from. (batch,)
            start_state: The model's state; the first dimension of each tensor is `batch`.
            step: The model.

        Returns:
            Sequences, best first (batch, beams, steps), and their scores (batch, beams). After the end of a sequence
            there are only end tokens.

        Raises:
            ConfigurationError: There are fewer tokens than `per_node_beam_size`.
        """
        if len(signature(step).parameters) < 3:
            step = partial(_without_number, step)
        log_probs, state = step(start_predictions, start_state, 0)
        batch_size, num_classes = log_probs.shape
        if self.per_node_beam_size > num_classes:
            raise ConfigurationError(
                f"per_node_beam_size: got {self.per_node_beam_size}; expected at most {num_classes}, as many as tokens"
            )
        sampler_state = self.sampler.init_state(log_probs, batch_size, num_classes)
        known = [constraint.init_state(batch_size) for constraint in self.constraints]
        allowed = self._allowed(log_probs.unsqueeze(1), known, 1).squeeze(1)
        picked, tokens, sampler_state = self.sampler.sample_beams(allowed, self.beam_size, sampler_state)
        beams = _Beams(tokens.unsqueeze(-1), picked)
        if self.beam_size == 1 and bool((tokens == self._end_index).all()):
            warnings.warn("beam search: every sequence is empty; a larger beam may find others", RuntimeWarning, 2)
            return beams
        state = _rows_of(state, torch.zeros_like(tokens), 1)
        known = [each.update_state(seen, tokens) for each, seen in zip(self.constraints, known, strict=True)]
        for number in range(1, self.max_steps):
            last = beams.sequences[:, :, -1]
            if bool((last == self._end_index).all()):
                break
            log_probs, state = step(last.flatten(), state, number)
            log_probs = self._allowed(log_probs.view(batch_size, self.beam_size, -1), known, number + 1)
            beams, origins, sampler_state = self._go_on(beams, log_probs, sampler_state)
            state = _rows_of(state, origins, self.beam_size)
            written = beams.sequences[:, :, -1]
            pairs = zip(self.constraints, known, strict=True)
            known = [constraint.update_state(seen, written, origins) for constraint, seen in pairs]
        return self._ordered(beams)

    def _allowed(self, log_probs: Tensor, known: Sequence[ConstraintState], length: int) -> Tensor:
        """Forbid what the constraints forbid, and the end of sequences that are too short."""
        for constraint, seen in zip(self.constraints, known, strict=True):
            log_probs = constraint.apply(seen, log_probs)
        if length > self.min_steps:
            return log_probs
        is_end = torch.arange(log_probs.size(-1), device=log_probs.device) == self._end_index
        return log_probs.masked_fill(is_end, min_value_of_dtype(log_probs.dtype))

    def _go_on(self, beams: _Beams, log_probs: Tensor, sampler_state: State) -> tuple[_Beams, Tensor, State]:
        """Write one more token; sequences that have ended get another end token, which costs nothing."""
        batch_size, _, num_classes = log_probs.shape
        after_end = log_probs.new_full((num_classes,), min_value_of_dtype(log_probs.dtype))
        after_end[self._end_index] = 0.0
        has_ended = beams.sequences[:, :, -1:] == self._end_index
        log_probs = torch.where(has_ended, after_end, log_probs).flatten(0, 1)
        ways, tokens, sampler_state = self.sampler.sample_nodes(log_probs, self.per_node_beam_size, sampler_state)
        sums = ways.view(batch_size, self.beam_size, -1) + beams.log_probabilities.unsqueeze(-1)
        picked, places, sampler_state = self.sampler.sample_beams(sums.flatten(1), self.beam_size, sampler_state)
        origins = places // self.per_node_beam_size
        before = beams.sequences.gather(1, origins.unsqueeze(-1).expand_as(beams.sequences))
        written = tokens.view(batch_size, -1).gather(1, places)
        return _Beams(torch.cat([before, written.unsqueeze(-1)], dim=-1), picked), origins, sampler_state

    def _ordered(self, beams: _Beams) -> tuple[Tensor, Tensor]:
        lowest = min_value_of_dtype(beams.log_probabilities.dtype)
        if not self.constraints and bool((beams.log_probabilities <= lowest).any()):
            message = "beam search: got sequences without any probability; a smaller beam leaves them out"
            warnings.warn(message, RuntimeWarning, 3)
        scores = self.final_sequence_scorer.score(beams.sequences, beams.log_probabilities, self._end_index)
        scores, order = scores.sort(dim=1, descending=True)
        return beams.sequences.gather(1, order.unsqueeze(-1).expand_as(beams.sequences)), scores


BeamSearch.register("beam_search")(BeamSearch)


def _without_number(step: StepFunction, last_predictions: Tensor, state: State, _: int) -> tuple[Tensor, State]:
    return step(last_predictions, state)


def _rows_of(state: State, origins: Tensor, beam_size: int) -> dict[str, Any]:
    """The states of the beams that go on.

    Args:
        state: Tensors of rows, `beam_size` for each search; None stays.
        origins: Number of the beam that each beam goes on from. (batch, beams)
        beam_size: How many rows of `state` a search has.
    """
    starts = torch.arange(len(origins), device=origins.device).unsqueeze(1) * beam_size
    rows = (starts + origins).flatten()
    return {
        name: None if tensor is None else tensor.index_select(int(name in _LAYERED and tensor.dim() == 3), rows)
        for name, tensor in state.items()
    }
