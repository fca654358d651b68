"""The base of everything that turns a sequence of vectors into another one."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from foldformer.config import Registrable


class Seq2SeqEncoder(nn.Module, Registrable, ABC):
    """Turn the vectors of each sequence into as many vectors."""

    @abstractmethod
    def get_input_dim(self) -> int:
        """Return the width of the vectors that come in."""

    @abstractmethod
    def get_output_dim(self) -> int:
        """Return the width of the vectors that go out."""

    @abstractmethod
    def is_bidirectional(self) -> bool:
        """Return whether the first half of each vector was read forwards and the second half backwards."""

    @abstractmethod
    def forward(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Encode one batch.

        Args:
            inputs: Vectors. (batch, positions, input_dim)
            mask: True where real; None: everywhere. (batch, positions)

        Returns:
            Vectors; zero where padded. (batch, positions, output_dim)
        """
