"""The base of everything that embeds a whole text field."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from foldformer.config import Registrable


class TextFieldEmbedder(nn.Module, Registrable, ABC):
    """Embed a text field: every indexer's tensors in, one vector a token out."""

    default_implementation = "basic"

    @abstractmethod
    def get_output_dim(self) -> int:
        """Return the width of the vectors."""

    @abstractmethod
    def forward(
        self, text_field_input: Mapping[str, Mapping[str, Tensor]], num_wrapping_dims: int = 0, **kwargs: Any
    ) -> Tensor:
        """Embed one batch of a text field.

        Args:
            text_field_input: Tensors by indexer name, then by tensor name.
            num_wrapping_dims: Dimensions between batch and tokens, for text fields within list fields.
            **kwargs: Handed to the token embedders that take them.

        Returns:
            Vectors. (batch, tokens, dim), with the wrapping dimensions after the first
        """


def find_text_field_embedder(model: nn.Module) -> TextFieldEmbedder:
    """Find the first text field embedder of a model.

    Raises:
        ValueError: It has none.
    """
    for module in model.modules():
        if isinstance(module, TextFieldEmbedder):
            return module
    raise ValueError(f"{type(model).__name__}: got a model without a text field embedder; expected one")
