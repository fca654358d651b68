"""What a beam search must not write."""

import copy
from abc import abstractmethod
from typing import Any

from overrides import overrides
from torch import Tensor

from foldformer.config import AtLeastOne, Registrable
from foldformer.nn.functions.limits import min_value_of_dtype
from foldformer.text import Vocabulary

ConstraintState = list[list[dict[str, Any]]]
"""What is known of each beam of each search: state[search][beam]."""


class Constraint(Registrable):
    """Forbid tokens, given those that were written before.

    Args:
        vocab: Names of the tokens, for those who need them.
    """

    def __init__(self, vocab: Vocabulary | None = None) -> None:
        self.vocab = vocab

    @abstractmethod
    def init_state(self, batch_size: int) -> ConstraintState:
        """Make what is known before the first token, of one beam for each search."""

    @abstractmethod
    def apply(self, state: ConstraintState, class_log_probabilities: Tensor) -> Tensor:
        """Give the lowest number of the dtype to what is forbidden.

        Args:
            state: What is known.
            class_log_probabilities: Of the next tokens. (batch, beams, classes)

        Returns:
            The same shape; it may be the same tensor.
        """

    def update_state(
        self, state: ConstraintState, last_prediction: Tensor, last_backpointer: Tensor | None = None
    ) -> ConstraintState:
        """Take account of the tokens that were written.

        Args:
            state: What was known.
            last_prediction: The tokens. (batch, beams)
            last_backpointer: The beam that each goes on from; None: the first. (batch, beams)
        """
        batch_size, beam_size = last_prediction.shape
        return self._update_state(self._copy_state(state, batch_size, beam_size, last_backpointer), last_prediction)

    @staticmethod
    def _copy_state(
        state: ConstraintState, batch_size: int, beam_size: int, last_backpointer: Tensor | None = None
    ) -> ConstraintState:
        origins = [[0] * beam_size] * batch_size if last_backpointer is None else last_backpointer.tolist()
        return [[copy.deepcopy(beams[origin]) for origin in row] for beams, row in zip(state, origins, strict=True)]

    @abstractmethod
    def _update_state(self, state: ConstraintState, last_prediction: Tensor) -> ConstraintState:
        """Take account of the tokens that were written; `state` is a copy, with a place for each of them."""


@Constraint.register("repeated-ngram-blocking")
class RepeatedNGramBlockingConstraint(Constraint):
    """Write no sequence of so many tokens twice.

    Args:
        ngram_size: How many tokens.
        vocab: Names of the tokens; not needed.
    """

    def __init__(self, ngram_size: AtLeastOne, vocab: Vocabulary | None = None) -> None:
        super().__init__(vocab)
        self.ngram_size = ngram_size

    @overrides
    def init_state(self, batch_size: int) -> ConstraintState:
        return [[{"seen_ngrams": {}, "current_prefix": []}] for _ in range(batch_size)]

    @overrides
    def apply(self, state: ConstraintState, class_log_probabilities: Tensor) -> Tensor:
        lowest = min_value_of_dtype(class_log_probabilities.dtype)
        for row, beams in enumerate(state):
            for number, beam in enumerate(beams):
                forbidden = beam["seen_ngrams"].get(tuple(beam["current_prefix"]), [])
                class_log_probabilities[row, number, forbidden] = lowest
        return class_log_probabilities

    @overrides
    def _update_state(self, state: ConstraintState, last_prediction: Tensor) -> ConstraintState:
        for beams, tokens in zip(state, last_prediction.tolist(), strict=True):
            for beam, token in zip(beams, tokens, strict=True):
                prefix = beam["current_prefix"]
                if len(prefix) == self.ngram_size - 1:
                    beam["seen_ngrams"].setdefault(tuple(prefix), []).append(token)
                beam["current_prefix"] = [*prefix, token][max(len(prefix) + 2 - self.ngram_size, 0) :]
        return state
