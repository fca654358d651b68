"""How a beam search picks: the best, or at random."""

from abc import abstractmethod
from typing import Annotated, Any

import torch
from overrides import overrides
from torch import Tensor
from torch.nn.functional import pad

from foldformer.config import AtLeastOne, Fraction, Range, Registrable
from foldformer.nn.functions.limits import min_value_of_dtype

State = dict[str, Tensor]
Sample = tuple[Tensor, Tensor, State]
"""Log probabilities of what was picked, their places, and what the sampler remembers."""
Temperature = Annotated[float, Range(min=0)]


class Sampler(Registrable):
    """Pick the next tokens of each beam, and then the beams that go on."""

    default_implementation = "deterministic"

    def init_state(self, start_class_log_probabilities: Tensor, batch_size: int, num_classes: int) -> State:  # noqa: ARG002
        """Make what is remembered from step to step; by default nothing.

        Args:
            start_class_log_probabilities: Of the first tokens. (batch, classes)
            batch_size: How many searches there are.
            num_classes: How many tokens there are.
        """
        return {}

    @abstractmethod
    def sample_nodes(self, log_probs: Tensor, per_node_beam_size: int, state: State) -> Sample:
        """Pick tokens to go on with.

        Args:
            log_probs: Of the next token. (rows, classes)
            per_node_beam_size: How many are picked in each row.
            state: What is remembered.

        Returns:
            Each (rows, per_node_beam_size).
        """

    def sample_beams(self, log_probs: Tensor, beam_size: int, state: State) -> Sample:  # noqa: ARG002
        """Pick the sequences that go on; by default the most probable ones.

        Args:
            log_probs: Of the sequences so far. (batch, candidates)
            beam_size: How many are picked in each row.
            state: What is remembered.

        Returns:
            Each (batch, beam_size).
        """
        best, places = log_probs.topk(beam_size, dim=-1)
        return best, places, {}


@Sampler.register("deterministic")
class DeterministicSampler(Sampler):
    """Pick the most probable tokens."""

    @overrides
    def sample_nodes(self, log_probs: Tensor, per_node_beam_size: int, state: State) -> Sample:  # noqa: ARG002
        best, places = log_probs.topk(per_node_beam_size, dim=-1)
        return best, places, {}


@Sampler.register("multinomial")
class MultinomialSampler(Sampler):
    """Pick tokens at random, by their probabilities.

    Args:
        temperature: Divides the log probabilities: below 1, probable tokens are picked more often.
        with_replacement: A token may be picked twice in a step.
    """

    def __init__(self, temperature: Temperature = 1.0, with_replacement: bool = False) -> None:
        self.temperature = temperature
        self.with_replacement = with_replacement

    @overrides
    def sample_nodes(self, log_probs: Tensor, per_node_beam_size: int, state: State) -> Sample:
        probabilities = (log_probs / self.temperature).softmax(-1)
        places = torch.multinomial(probabilities, per_node_beam_size, replacement=self.with_replacement)
        return log_probs.gather(1, places), places, state


@Sampler.register("top-k")
class TopKSampler(Sampler):
    """Pick at random among the most probable tokens.

    Source: Fan et al. (2018), Hierarchical neural story generation, https://arxiv.org/abs/1805.04833.

    Args:
        k: How many are picked among.
        temperature: Divides their log probabilities: below 1, probable tokens are picked more often.
        with_replacement: A token may be picked twice in a step.
    """

    def __init__(self, k: AtLeastOne = 1, temperature: Temperature = 1.0, with_replacement: bool = False) -> None:
        self.k = k
        self.temperature = temperature or 1.0
        self.with_replacement = with_replacement

    @overrides
    def sample_nodes(self, log_probs: Tensor, per_node_beam_size: int, state: State) -> Sample:
        if not per_node_beam_size <= self.k <= log_probs.size(1):
            raise ValueError(
                f"k: got {self.k}; expected a number from per_node_beam_size, {per_node_beam_size}, "
                f"to that of the tokens, {log_probs.size(1)}"
            )
        best, places = log_probs.topk(self.k, dim=-1)
        probabilities = (best / self.temperature).softmax(-1)
        picked = places.gather(1, torch.multinomial(probabilities, per_node_beam_size, self.with_replacement))
        return log_probs.gather(1, picked), picked, state


@Sampler.register("top-p")
class TopPSampler(Sampler):
    """Pick at random among the most probable tokens that have a share of the probability together.

    Source: Holtzman et al. (2019), The curious case of neural text degeneration, https://arxiv.org/abs/1904.09751.

    Args:
        p: The share; fraction in [0, 1].
        temperature: Divides the log probabilities first: below 1, probable tokens are picked more often.
        with_replacement: A token may be picked twice in a step; where not, as many are picked among as are picked.
    """

    def __init__(self, p: Fraction = 0.9, temperature: Temperature = 1.0, with_replacement: bool = False) -> None:
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"p: got {p}; expected a fraction in [0, 1]")
        self.p = p
        self.temperature = temperature or 1.0
        self.with_replacement = with_replacement

    @overrides
    def sample_nodes(self, log_probs: Tensor, per_node_beam_size: int, state: State) -> Sample:
        if per_node_beam_size > log_probs.size(1):
            raise ValueError(
                f"per_node_beam_size: got {per_node_beam_size}; expected at most {log_probs.size(1)} tokens"
            )
        ordered, places = (log_probs / self.temperature).softmax(-1).sort(descending=True)
        is_left_out = pad((ordered.cumsum(-1) >= self.p)[:, :-1], (1, 0))  # the token that reaches the share is in
        if not self.with_replacement:
            is_left_out[:, :per_node_beam_size] = False
        kept = ordered.masked_fill(is_left_out, 0.0)
        picked = places.gather(1, torch.multinomial(kept, per_node_beam_size, self.with_replacement))
        return log_probs.gather(1, picked), picked, state


@Sampler.register("gumbel")
class GumbelSampler(Sampler):
    """Draw different sequences at random, each as probable as the model makes it: stochastic beam search.

    Source: Kool et al. (2019), Stochastic beams and where to find them, https://arxiv.org/abs/1903.06059, whose names
    the state has: phi is the log probability of a sequence so far, G is phi with Gumbel noise.

    Args:
        temperature: Divides the log probabilities: below 1, probable tokens are picked more often.
    """

    def __init__(self, temperature: Temperature = 1.0) -> None:
        self.temperature = temperature

    @overrides
    def init_state(self, start_class_log_probabilities: Tensor, batch_size: int, num_classes: int) -> State:  # noqa: ARG002
        start = start_class_log_probabilities
        return {"G_phi_S": _noisy(start, start.new_zeros(batch_size, 1))}

    @overrides
    def sample_nodes(self, log_probs: Tensor, per_node_beam_size: int, state: State) -> Sample:
        phi = state["phi_S"].unsqueeze(-1) + (log_probs / self.temperature).log_softmax(-1)
        noisy, places = _noisy(phi, state["G_phi_S"].unsqueeze(-1)).topk(per_node_beam_size, dim=-1)
        return log_probs.gather(1, places), places, {"G_phi_S": noisy}

    @overrides
    def sample_beams(self, log_probs: Tensor, beam_size: int, state: State) -> Sample:
        noisy, places = state["G_phi_S"].reshape_as(log_probs).topk(beam_size, dim=-1)
        picked, order = log_probs.gather(1, places).sort(dim=-1, descending=True)
        remembered: dict[str, Any] = {"G_phi_S": noisy.gather(1, order).flatten(), "phi_S": picked.flatten()}
        return picked, places.gather(1, order), remembered


def _noisy(phi: Tensor, largest: Tensor) -> Tensor:
    """Add Gumbel noise, given what the largest sum in each row is; the source's appendix B.3 has this stable form."""
    uniform = torch.rand_like(phi).clamp(min=torch.finfo(phi.dtype).tiny)
    free = phi - (-uniform.log()).log()
    below = largest - free + torch.log1p(-(free - free.amax(-1, keepdim=True)).exp())
    bounded = largest - below.relu() - torch.log1p((-below.abs()).exp())
    return bounded.clamp(min=min_value_of_dtype(phi.dtype))
