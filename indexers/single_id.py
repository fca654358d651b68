"""One index a token, looked up in the vocabulary."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from overrides import overrides

from foldformer.config import ConfigurationError, NotNegative
from foldformer.config.nearest import did_you_mean
from foldformer.data.token_indexer import IndexedTokenList, TokenIndexer
from foldformer.text import Token, Vocabulary

_NO_DEFAULT = "THIS IS NO VALUE: A TOKEN WITHOUT THE FEATURE IS AN ERROR"
_FEATURES = ("text", "lemma_", "pos_", "tag_", "dep_", "ent_type_", "text_id", "type_id", "idx", "idx_end")


@TokenIndexer.register("single_id")
class SingleIdTokenIndexer(TokenIndexer):
    """Look up one feature of each token in the vocabulary. Gives `tokens`.

    Args:
        namespace: The vocabulary's namespace; None takes the feature itself, an integer such as `text_id`.
        lowercase_tokens: Lowercase before looking up.
        start_tokens: Put before every text.
        end_tokens: Put after every text.
        feature_name: Attribute of the token that is looked up.
        default_value: Stands in for a token without the feature. Unless given, such a token is an error.
        token_min_padding_length: Pad to at least this many tokens.

    Raises:
        ConfigurationError: Tokens have no such feature.
    """

    def __init__(
        self,
        namespace: str | None = "tokens",
        lowercase_tokens: bool = False,
        start_tokens: list[str] | None = None,
        end_tokens: list[str] | None = None,
        feature_name: str = "text",
        default_value: str = _NO_DEFAULT,
        token_min_padding_length: NotNegative = 0,
    ) -> None:
        super().__init__(token_min_padding_length)
        self.namespace = namespace
        self.lowercase_tokens = lowercase_tokens
        self._start_tokens = [Token(text) for text in start_tokens or []]
        self._end_tokens = [Token(text) for text in end_tokens or []]
        self._feature_name = feature_name
        self._default_value = default_value

    @overrides
    def count_vocab_items(self, token: Token, counter: dict[str, dict[str, int]]) -> None:
        if self.namespace is not None:
            counter[self.namespace][self._feature(token)] += 1

    @overrides
    def tokens_to_indices(self, tokens: Sequence[Token], vocabulary: Vocabulary) -> IndexedTokenList:
        """Look up every token.

        Raises:
            ValueError: A token lacks the feature and there is no default.
        """
        features = [self._feature(token) for token in chain(self._start_tokens, tokens, self._end_tokens)]
        if self.namespace is None:
            return {"tokens": features}
        return {"tokens": [vocabulary.get_token_index(feature, self.namespace) for feature in features]}

    @overrides
    def indices_to_tokens(self, indexed_tokens: IndexedTokenList, vocabulary: Vocabulary) -> list[Token]:
        if self.namespace is None:
            return [Token(text_id=index) for index in indexed_tokens["tokens"]]
        return [Token(vocabulary.get_token_from_index(index, self.namespace)) for index in indexed_tokens["tokens"]]

    @overrides
    def get_empty_token_list(self) -> IndexedTokenList:
        return {"tokens": []}

    @overrides
    def _to_params(self) -> dict[str, Any]:
        params = {
            "type": "single_id",
            "namespace": self.namespace,
            "lowercase_tokens": self.lowercase_tokens,
            "start_tokens": [token.text for token in self._start_tokens],
            "end_tokens": [token.text for token in self._end_tokens],
            "feature_name": self._feature_name,
            "token_min_padding_length": self._token_min_padding_length,
        }
        return params if self._default_value is _NO_DEFAULT else {**params, "default_value": self._default_value}

    def _feature(self, token: Token) -> Any:
        value = getattr(token, self._feature_name, None)
        if value is None:
            value = self._default_or_error(token)
        return value.lower() if self.lowercase_tokens and isinstance(value, str) else value

    def _default_or_error(self, token: Token) -> str:
        if self._default_value is not _NO_DEFAULT:
            return self._default_value
        if isinstance(token, Token) and self._feature_name not in _FEATURES:
            raise ConfigurationError(
                f'feature_name: got "{self._feature_name}"; expected one of {", ".join(_FEATURES)}'
                f"{did_you_mean(self._feature_name, _FEATURES)}"
            )
        raise ValueError(
            f'got the token "{token}" without {self._feature_name}; expected one; give the indexer a default_value for '
            "tokens without it"
        )
