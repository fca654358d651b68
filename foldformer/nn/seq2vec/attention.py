"""An average whose weights are learned."""

import os
from pathlib import Path

import torch
from overrides import overrides
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers.utils.hub import cached_file

from foldformer.config import AtLeastOne, ConfigurationError, Fraction
from foldformer.nn.masks import zero_where_padded
from foldformer.nn.seq2vec.pooler import Pooler
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder

_FILE = "attention_pooler.safetensors"


@Seq2VecEncoder.register("attention")
class AttentionPooler(Pooler):
    """Average the real vectors, each weighted by how well it answers a learned query.

        weights = softmax(query . tanh(W h + b))          vector = sum(weights * h)

    An empty sequence gives zeros.

    Source: Yang et al. 2016, "Hierarchical Attention Networks for Document Classification", equations 5 to 7.
    """

    def __init__(
        self, embedding_dim: AtLeastOne, attention_dim: AtLeastOne | None = None, dropout: Fraction = 0.0
    ) -> None:
        """Build with random weights.

        Args:
            embedding_dim: Width of the vectors, in and out.
            attention_dim: Width of the query; None: as wide as the vectors.
            dropout: Dropout on the weights; fraction in [0, 1).
        """
        super().__init__(embedding_dim)
        self._hidden = nn.Linear(embedding_dim, attention_dim or embedding_dim)
        self._query = nn.Linear(attention_dim or embedding_dim, 1, bias=False)
        self._dropout = nn.Dropout(dropout)

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        tokens = zero_where_padded(tokens, mask)
        scores = self.scores(tokens).unsqueeze(-1)
        if mask is not None:
            # The lowest finite number, for a softmax over nothing but minus infinity is NaN in both directions.
            scores = scores.masked_fill(~mask.bool().unsqueeze(-1), torch.finfo(scores.dtype).min)
        weights: Tensor = self._dropout(scores.softmax(dim=1))
        return (weights * tokens).sum(dim=1)

    def scores(self, vectors: Tensor) -> Tensor:
        """Return how well each vector answers the query. (..., dim) -> (...)"""
        answers: Tensor = self._query(torch.tanh(self._hidden(vectors)))
        return answers.squeeze(-1)

    def save_pretrained(self, folder: str | os.PathLike[str]) -> None:
        """Write the weights beside those of the transformer that gives the vectors."""
        save_file({name: tensor.contiguous() for name, tensor in self.state_dict().items()}, Path(folder) / _FILE)

    @classmethod
    def from_pretrained(cls, name: str) -> "AttentionPooler":
        """Load what `save_pretrained` wrote, in evaluation mode.

        Args:
            name: Folder, name in the local cache, or name on the hub.

        Raises:
            ConfigurationError: There is no such file.
        """
        missing = {"_raise_exceptions_for_missing_entries": False, "_raise_exceptions_for_connection_errors": False}
        file = cached_file(name, _FILE, **missing)
        if file is None:
            raise ConfigurationError(
                f'attention: "{name}" has no {_FILE}, so that its weights are not known; expected what "foldformer '
                'export" writes of a classifier with the encoder "attention", or another way to pool'
            )
        weights = load_file(file)
        attention_dim, embedding_dim = weights["_hidden.weight"].shape
        pooler = cls(embedding_dim, attention_dim)
        pooler.load_state_dict(weights)
        return pooler.eval()
