"""What every tokenizer can do."""

from abc import abstractmethod
from collections.abc import Sequence

from foldformer.config import Registrable
from foldformer.text.token import Token


class Tokenizer(Registrable):
    """Splits a text into tokens: words, characters or wordpieces."""

    default_implementation = "whitespace"

    @abstractmethod
    def tokenize(self, text: str) -> list[Token]:
        """Split one text."""

    def batch_tokenize(self, texts: Sequence[str]) -> list[list[Token]]:
        """Split several texts; a tokenizer that is faster in batches overrides this."""
        return [self.tokenize(text) for text in texts]

    def add_special_tokens(self, tokens1: list[Token], tokens2: list[Token] | None = None) -> list[Token]:
        """Put a tokenizer's special tokens around one or two token lists; without any, only join the lists.

        Args:
            tokens1: First sequence, without special tokens. Not changed.
            tokens2: Second sequence of a pair.
        """
        return tokens1 + (tokens2 or [])

    def num_special_tokens_for_sequence(self) -> int:
        """Count the special tokens around one sequence."""
        return 0

    def num_special_tokens_for_pair(self) -> int:
        """Count the special tokens around a pair."""
        return 0
