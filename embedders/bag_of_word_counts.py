"""How often each token of the vocabulary is in the text."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, ConfigurationError
from foldformer.models import TokenEmbedder
from foldformer.text import Vocabulary


@TokenEmbedder.register("bag_of_word_counts")
class BagOfWordCountsTokenEmbedder(TokenEmbedder):
    """Count the tokens of each text into one vector as wide as the vocabulary; padding (id 0) does not count."""

    def __init__(
        self,
        vocab: Vocabulary,
        vocab_namespace: str = "tokens",
        projection_dim: AtLeastOne | None = None,
        ignore_oov: bool = False,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            vocab_namespace: Namespace of the tokens.
            projection_dim: Project the counts to this width; None: give the counts.
            ignore_oov: Do not count unknown tokens.

        Raises:
            ConfigurationError: Unknown tokens are to be ignored, but the namespace has no token for them.
        """
        super().__init__()
        self.vocab_size = vocab.get_vocab_size(vocab_namespace)
        self._projection = nn.Linear(self.vocab_size, projection_dim) if projection_dim else None
        self._ignored_index = _oov_index(vocab, vocab_namespace) if ignore_oov else None
        self.output_dim = projection_dim or self.vocab_size

    @overrides
    def get_output_dim(self) -> int:
        return self.output_dim

    def forward(self, inputs: Tensor) -> Tensor:
        """Count.

        Args:
            inputs: Token ids, int64. (batch, tokens)

        Returns:
            (batch, output_dim)
        """
        counted = inputs != 0
        if self._ignored_index is not None:
            counted = counted & (inputs != self._ignored_index)
        zeros = torch.zeros(inputs.size(0), self.vocab_size, device=inputs.device)
        counts = zeros.scatter_add(1, inputs, counted.float())
        projected: Tensor = counts if self._projection is None else self._projection(counts)
        return projected


def _oov_index(vocab: Vocabulary, namespace: str) -> int:
    oov_token = vocab._oov_token
    index = vocab.get_token_to_index_vocabulary(namespace).get(oov_token)
    if index is None:
        raise ConfigurationError(
            f"ignore_oov: the namespace {namespace!r} has no {oov_token!r} token; expected a padded namespace, or false"
        )
    return index
