"""The base of everything that turns the tensors of one indexer into vectors."""

from abc import ABC, abstractmethod

from torch import nn

from foldformer.config import Registrable


class TokenEmbedder(nn.Module, Registrable, ABC):
    """Embed tokens: the tensors that one token indexer made in, one vector a token out.

    `forward` takes the indexer's tensors by name and returns (batch, tokens, dim).
    """

    default_implementation = "embedding"

    @abstractmethod
    def get_output_dim(self) -> int:
        """Return the width of the vectors."""
