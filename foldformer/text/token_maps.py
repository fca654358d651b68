"""The tokens of every namespace and their indices, held together."""

from collections.abc import Iterable, Mapping
from typing import Any

from transformers import PreTrainedTokenizerBase

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.text.vocabulary.namespaces import NamespaceMaps, is_non_padded


class UnknownTokenError(ConfigurationError, KeyError):
    """A vocabulary has neither a token nor one that stands for unknown tokens."""

    def __str__(self) -> str:
        return self.message


class TokenMaps:
    """Both maps of a vocabulary: what stands in them, not how they are made.

    Args:
        non_padded_namespaces: Names, or `*` and a suffix, of the namespaces without padding and unknown token.
        padding_token: String at index 0 of padded namespaces.
        oov_token: String that stands for unknown tokens.
    """

    def __init__(self, non_padded_namespaces: Iterable[str], padding_token: str, oov_token: str) -> None:
        self._padding_token = padding_token
        self._oov_token = oov_token
        self._non_padded_namespaces = set(non_padded_namespaces)
        self._token_to_index: NamespaceMaps[str, int] = NamespaceMaps(
            self._non_padded_namespaces, {padding_token: 0, oov_token: 1}
        )
        self._index_to_token: NamespaceMaps[int, str] = NamespaceMaps(
            self._non_padded_namespaces, {0: padding_token, 1: oov_token}
        )
        self._filled_from_transformer: set[tuple[str, str]] = set()

    def is_padded(self, namespace: str) -> bool:
        """Tell whether a namespace has padding at index 0."""
        return self._index_to_token[namespace].get(0) == self._padding_token

    def add_token_to_namespace(self, token: str, namespace: str = "tokens") -> int:
        """Add a token unless it is there, and return its index.

        Raises:
            ValueError: The token is no string.
        """
        if not isinstance(token, str):
            raise ValueError(
                f"vocabulary token: got {token!r} ({type(token).__name__}); expected a string, which a file can hold"
            )
        token_to_index = self._token_to_index[namespace]
        if token not in token_to_index:
            index = len(token_to_index)
            token_to_index[token] = index
            self._index_to_token[namespace][index] = token
        return token_to_index[token]

    def add_tokens_to_namespace(self, tokens: Iterable[str], namespace: str = "tokens") -> list[int]:
        """Add tokens unless they are there, and return their indices."""
        return [self.add_token_to_namespace(token, namespace) for token in tokens]

    def get_index_to_token_vocabulary(self, namespace: str = "tokens") -> dict[int, str]:
        """Return the tokens of a namespace by index; not a copy."""
        return self._index_to_token[namespace]

    def get_token_to_index_vocabulary(self, namespace: str = "tokens") -> dict[str, int]:
        """Return the indices of a namespace by token; not a copy."""
        return self._token_to_index[namespace]

    def get_token_index(self, token: str, namespace: str = "tokens") -> int:
        """Return the index of a token, or of the unknown token.

        Raises:
            UnknownTokenError: The token is unknown and the namespace has no unknown token; also a `KeyError`.
        """
        indices = self._token_to_index[namespace]
        index = indices.get(token)
        if index is None:
            index = indices.get(self._oov_token)
        if index is None:
            raise UnknownTokenError(
                f'vocabulary, namespace "{namespace}": got {show(token)}; expected '
                f'{one_of(list(indices)) or "nothing"}, as no "{self._oov_token}" stands for others'
                f"{did_you_mean(token, indices)}"
            )
        return index

    def get_token_from_index(self, index: int, namespace: str = "tokens") -> str:
        """Return the token with an index.

        Raises:
            KeyError: No token has it.
        """
        return self._index_to_token[namespace][index]

    def get_vocab_size(self, namespace: str = "tokens") -> int:
        """Count the tokens of a namespace, padding and unknown token included."""
        return len(self._token_to_index[namespace])

    def get_namespaces(self) -> set[str]:
        """Return the names of all namespaces that were filled or asked for."""
        return set(self._index_to_token)

    def add_transformer_vocab(self, tokenizer: PreTrainedTokenizerBase, namespace: str = "tokens") -> None:
        """Copy a transformer's wordpieces into a namespace, under their own ids."""
        token_to_index, index_to_token = self._token_to_index[namespace], self._index_to_token[namespace]
        for wordpiece, index in tokenizer.get_vocab().items():
            token_to_index[wordpiece] = index
            index_to_token[index] = wordpiece
        self._non_padded_namespaces.add(namespace)

    def add_transformer_vocab_once(self, tokenizer: PreTrainedTokenizerBase, namespace: str, source: str) -> None:
        """Do what `add_transformer_vocab` does unless the same source has filled the namespace already.

        The vocabulary remembers it, not the caller: a caller that meets a second vocabulary has to fill that one too.

        Args:
            tokenizer: Whose wordpieces to copy.
            namespace: Where they go.
            source: What tells this tokenizer from others: the model's name and the arguments that it was loaded with.
        """
        if (namespace, source) not in self._filled_from_transformer:
            self.add_transformer_vocab(tokenizer, namespace)
            self._filled_from_transformer.add((namespace, source))

    def transformer_namespaces(self) -> list[str]:
        """Return the namespaces that an indexer has filled with the wordpieces of its transformer."""
        return sorted({namespace for namespace, _ in self._filled_from_transformer})

    def _check_same_padding(self, namespaces: Iterable[str], patterns: set[str]) -> None:
        for namespace in sorted(set(namespaces) & set(self._token_to_index)):
            here, there = (is_non_padded(namespace, which) for which in (self._non_padded_namespaces, patterns))
            if here != there:
                raise ConfigurationError(
                    f'non_padded_namespaces: the namespace "{namespace}" is {"not " * here}padded in the vocabulary '
                    f"and {'not ' * there}padded in its extension; expected the same in both: pass the vocabulary's "
                    f"patterns {sorted(self._non_padded_namespaces)} as non_padded_namespaces"
                )

    def _set_tokens(self, namespace: str, tokens: list[str], is_padded: bool, oov_token: str, where: str) -> None:
        start = [self._padding_token] if is_padded else []
        renamed = (self._oov_token if token == oov_token else token for token in tokens)
        self._index_to_token[namespace] = dict(enumerate([*start, *renamed]))
        self._token_to_index[namespace] = {token: i for i, token in self._index_to_token[namespace].items()}
        self._filled_from_transformer = {fill for fill in self._filled_from_transformer if fill[0] != namespace}
        if is_padded and self._oov_token not in self._token_to_index[namespace]:
            raise ConfigurationError(
                f'{where}: got {len(tokens)} tokens without the unknown token; expected a line "{oov_token}"; '
                "pass the one that the vocabulary was made with as oov_token"
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TokenMaps):
            return NotImplemented
        return self._content() == other._content()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def _content(self) -> tuple[Any, ...]:
        maps: tuple[Mapping[str, Any], ...] = (self._token_to_index, self._index_to_token)
        return (*maps, self._non_padded_namespaces, self._padding_token, self._oov_token)

    def __str__(self) -> str:
        sizes = "".join(
            f"\n\t{namespace}: {self.get_vocab_size(namespace)} tokens" for namespace in self._index_to_token
        )
        return f"{type(self).__name__}, non-padded namespaces {sorted(self._non_padded_namespaces)}{sizes}"

    def __repr__(self) -> str:
        sizes = ", ".join(f"{namespace}: {self.get_vocab_size(namespace)}" for namespace in self._index_to_token)
        return f"{type(self).__name__}({sizes})"
