"""Nothing, for indexers whose tensors are not to be embedded."""

from typing import Any

from overrides import overrides

from foldformer.models import TokenEmbedder


@TokenEmbedder.register("empty")
class EmptyEmbedder(TokenEmbedder):
    """Stand for an indexer whose tensors the model uses in another way, as a language model uses its targets."""

    @overrides
    def get_output_dim(self) -> int:
        return 0

    def forward(self, *_: Any, **__: Any) -> None:
        """Give nothing, whatever comes in."""
        return
