"""What every matrix attention can do."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from foldformer.config import Registrable


class MatrixAttention(nn.Module, Registrable, ABC):
    """Scores how well each row of one matrix fits each row of another."""

    @abstractmethod
    def forward(self, matrix_1: Tensor, matrix_2: Tensor) -> Tensor:
        """Compute the scores.

        Args:
            matrix_1: (batch, rows, dim)
            matrix_2: (batch, other rows, other dim)

        Returns:
            (batch, rows, other rows)
        """
