"""The base of everything that turns a sequence of vectors into one vector."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from foldformer.config import Registrable


class Seq2VecEncoder(nn.Module, Registrable, ABC):
    """Turn the vectors of each sequence into one vector."""

    @abstractmethod
    def get_input_dim(self) -> int:
        """Return the width of the vectors that come in."""

    @abstractmethod
    def get_output_dim(self) -> int:
        """Return the width of the vector that goes out."""

    @abstractmethod
    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Encode one batch. A sequence without a real position gives zeros where the encoder's formula allows it.

        Args:
            tokens: Vectors. (batch, positions, input_dim)
            mask: True where real; None: everywhere. (batch, positions)

        Returns:
            (batch, output_dim)
        """
