"""Splitting into characters or bytes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from overrides import overrides

from foldformer.config import Problem, refuse
from foldformer.config.nearest import show
from foldformer.text.token import Token
from foldformer.text.tokenizers.tokenizer import Tokenizer


@Tokenizer.register("character")
class CharacterTokenizer(Tokenizer):
    """Split a text into its characters, or into the bytes of an encoding.

    Args:
        byte_encoding: Name of an encoding, such as "utf-8". The tokens are then bytes: they have no text, and their
            `text_id` is the byte plus one, so that 0 stays free for padding.
        lowercase_characters: Lowercase the text first.
        start_tokens: Put before each text: strings, or ids where `byte_encoding` is set.
        end_tokens: Put after each text.

    Raises:
        ConfigurationError: No such encoding.
    """

    def __init__(
        self,
        byte_encoding: str | None = None,
        lowercase_characters: bool = False,
        start_tokens: Sequence[str | int] | None = None,
        end_tokens: Sequence[str | int] | None = None,
    ) -> None:
        refuse(_problems_of_encoding(byte_encoding))
        self._byte_encoding = byte_encoding
        self._lowercase_characters = lowercase_characters
        self._start_tokens = tuple(start_tokens or ())
        self._end_tokens = tuple(end_tokens or ())

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """An encoding that Python knows."""
        return _problems_of_encoding(block.get("byte_encoding"))

    @overrides
    def tokenize(self, text: str) -> list[Token]:
        if self._lowercase_characters:
            text = text.lower()
        if self._byte_encoding is None:
            tokens = [Token(character) for character in text]
        else:
            tokens = [Token(text_id=byte + 1) for byte in text.encode(self._byte_encoding)]
        return [*map(_added_token, self._start_tokens), *tokens, *map(_added_token, self._end_tokens)]

    @overrides
    def _to_params(self) -> dict[str, Any]:
        return {
            "type": "character",
            "byte_encoding": self._byte_encoding,
            "lowercase_characters": self._lowercase_characters,
            "start_tokens": self._start_tokens,
            "end_tokens": self._end_tokens,
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CharacterTokenizer):
            return NotImplemented
        return vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self._byte_encoding, self._lowercase_characters, self._start_tokens, self._end_tokens))


def _added_token(token: str | int) -> Token:
    return Token(text_id=token, idx=0) if isinstance(token, int) else Token(token, idx=0)


def _problems_of_encoding(name: str | None) -> Iterator[Problem]:
    try:
        "".encode(name or "utf-8")
    except LookupError:
        expected = 'the name of an encoding that Python knows, such as "utf-8"'
        yield Problem("byte_encoding", f"got {show(name)}; expected {expected}")
