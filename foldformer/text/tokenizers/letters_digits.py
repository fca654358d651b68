"""Splitting into runs of letters, runs of digits, and single other characters."""

import re

from overrides import overrides

from foldformer.text.token import Token
from foldformer.text.tokenizers.tokenizer import Tokenizer

_PART = re.compile(r"[^\W\d_]+|\d+|\S")


@Tokenizer.register("letters_digits")
class LettersDigitsTokenizer(Tokenizer):
    """Split a text into runs of letters and runs of digits; any other character but white space stands alone."""

    @overrides
    def tokenize(self, text: str) -> list[Token]:
        return [Token(part.group(), part.start(), part.end()) for part in _PART.finditer(text)]
