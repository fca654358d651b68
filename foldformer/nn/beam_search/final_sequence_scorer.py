"""By what the sequences that a beam search has found are ordered."""

from abc import abstractmethod

from overrides import overrides
from torch import Tensor

from foldformer.config import Registrable


class FinalSequenceScorer(Registrable):
    """Score whole sequences."""

    default_implementation = "sequence-log-prob"

    @abstractmethod
    def score(self, predictions: Tensor, log_probabilities: Tensor, end_index: int) -> Tensor:
        """Score sequences.

        Args:
            predictions: Tokens; after the end of a sequence only the end token. (batch, beams, steps)
            log_probabilities: Of the whole sequences. (batch, beams)
            end_index: The end token.

        Returns:
            Higher is better. (batch, beams)
        """


@FinalSequenceScorer.register("sequence-log-prob")
class SequenceLogProbabilityScorer(FinalSequenceScorer):
    """The log probability."""

    @overrides
    def score(self, predictions: Tensor, log_probabilities: Tensor, end_index: int) -> Tensor:  # noqa: ARG002
        return log_probabilities


@FinalSequenceScorer.register("length-normalized-sequence-log-prob")
class LengthNormalizedSequenceLogProbabilityScorer(FinalSequenceScorer):
    """The log probability over a power of the length, one end token included.

    Args:
        length_penalty: The exponent: above 1 for longer sequences, 0 for no account of the length.
    """

    def __init__(self, length_penalty: float = 1.0) -> None:
        self.length_penalty = length_penalty

    @overrides
    def score(self, predictions: Tensor, log_probabilities: Tensor, end_index: int) -> Tensor:
        has_ended = predictions[:, :, -1] == end_index
        lengths = (predictions != end_index).sum(dim=2) + has_ended.long()
        return log_probabilities / lengths**self.length_penalty
