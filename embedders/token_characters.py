"""A vector for each token from its characters."""

from overrides import overrides
from torch import Tensor, nn

from embedders.embedding import Embedding
from foldformer.models import TokenEmbedder
from foldformer.nn import Seq2VecEncoder, TimeDistributed


@TokenEmbedder.register("character_encoding")
class TokenCharactersEncoder(TokenEmbedder):
    """Embed the characters of each token and encode them into one vector; id 0 is padding.

    State-dict keys are `_embedding._module.*` and `_encoder._module.*`.
    """

    def __init__(self, embedding: Embedding, encoder: Seq2VecEncoder, dropout: float = 0.0) -> None:
        """Build.

        Args:
            embedding: Vectors of the characters.
            encoder: Turns the characters' vectors into the token's.
            dropout: Dropout on the tokens' vectors; fraction in [0, 1).
        """
        super().__init__()
        self._embedding = TimeDistributed(embedding)
        self._encoder = TimeDistributed(encoder)
        self._dropout = nn.Dropout(dropout)
        self._output_dim = encoder.get_output_dim()

    @overrides
    def get_output_dim(self) -> int:
        return self._output_dim

    def forward(self, token_characters: Tensor) -> Tensor:
        """Embed one batch.

        Args:
            token_characters: Ids, int64. (batch, tokens, characters)

        Returns:
            (batch, tokens, output_dim)
        """
        embedded: Tensor = self._embedding(token_characters)
        if token_characters.size(1) == 0:
            return embedded.new_zeros(*token_characters.shape[:2], self._output_dim)
        vectors: Tensor = self._dropout(self._encoder(embedded, token_characters != 0))
        return vectors
