"""Vectors that the data brings along."""

from overrides import overrides
from torch import Tensor

from foldformer.config import AtLeastOne
from foldformer.models import TokenEmbedder


@TokenEmbedder.register("pass_through")
class PassThroughTokenEmbedder(TokenEmbedder):
    """Hand on what comes in, which is vectors already."""

    def __init__(self, hidden_dim: AtLeastOne) -> None:
        """Build.

        Args:
            hidden_dim: Width of the vectors.
        """
        super().__init__()
        self.hidden_dim = hidden_dim

    @overrides
    def get_output_dim(self) -> int:
        return self.hidden_dim

    def forward(self, tokens: Tensor) -> Tensor:
        """Hand on the vectors.

        Args:
            tokens: (batch, tokens, hidden_dim)

        Returns:
            The same. (batch, tokens, hidden_dim)

        Raises:
            ValueError: They have another width.
        """
        if tokens.size(-1) != self.hidden_dim:
            raise ValueError(
                f"pass_through: got vectors of width {tokens.size(-1)}; expected hidden_dim={self.hidden_dim}"
            )
        return tokens
