"""Splitting at whitespace."""

import re

from overrides import overrides

from foldformer.text.token import Token
from foldformer.text.tokenizers.tokenizer import Tokenizer

_WORD = re.compile(r"\S+")


@Tokenizer.register("just_spaces")
@Tokenizer.register("whitespace")
class WhitespaceTokenizer(Tokenizer):
    """Split a text whose words stand apart already, as `str.split()` does: any amount of whitespace is one gap.

    Each token knows its place in the text.
    """

    @overrides
    def tokenize(self, text: str) -> list[Token]:
        return [Token(word.group(), word.start(), word.end()) for word in _WORD.finditer(text)]


JustSpaces = WhitespaceTokenizer
"""The second name of the same tokenizer; legacy experiment files use it."""
