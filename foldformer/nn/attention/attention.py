"""What every attention can do."""

from abc import ABC, abstractmethod

from overrides import overrides
from torch import Tensor, nn

from foldformer.config import Registrable
from foldformer.nn.functions.masked import masked_softmax


class Attention(nn.Module, Registrable, ABC):
    """Scores how well each row of a matrix fits a vector.

    Args:
        normalize: Make weights of the scores, by a softmax over the real rows.
    """

    def __init__(self, normalize: bool = True) -> None:
        super().__init__()
        self._normalize = normalize

    @overrides(check_signature=False)
    def forward(self, vector: Tensor, matrix: Tensor, matrix_mask: Tensor | None = None) -> Tensor:
        """Compute the weights, or the scores.

        Args:
            vector: (batch, vector dim)
            matrix: (batch, rows, matrix dim)
            matrix_mask: True where a row is real; None: everywhere. (batch, rows)

        Returns:
            (batch, rows)
        """
        scores = self._forward_internal(vector, matrix)
        return masked_softmax(scores, matrix_mask) if self._normalize else scores

    @abstractmethod
    def _forward_internal(self, vector: Tensor, matrix: Tensor) -> Tensor:
        """Compute the scores. (batch, rows)."""
