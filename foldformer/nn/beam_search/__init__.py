"""Search for the most probable sequences that a model may write."""

from foldformer.nn.beam_search.beam_search import BeamSearch
from foldformer.nn.beam_search.constraint import Constraint, RepeatedNGramBlockingConstraint
from foldformer.nn.beam_search.final_sequence_scorer import (
    FinalSequenceScorer,
    LengthNormalizedSequenceLogProbabilityScorer,
    SequenceLogProbabilityScorer,
)
from foldformer.nn.beam_search.sampler import (
    DeterministicSampler,
    GumbelSampler,
    MultinomialSampler,
    Sampler,
    TopKSampler,
    TopPSampler,
)

__all__ = [
    "BeamSearch",
    "Constraint",
    "DeterministicSampler",
    "FinalSequenceScorer",
    "GumbelSampler",
    "LengthNormalizedSequenceLogProbabilityScorer",
    "MultinomialSampler",
    "RepeatedNGramBlockingConstraint",
    "Sampler",
    "SequenceLogProbabilityScorer",
    "TopKSampler",
    "TopPSampler",
]
