"""Text: tokens, tokenizers, vocabulary, and the loading of pretrained tokenizers and transformers."""

from foldformer.text.special_tokens import SpecialTokens, find_special_tokens
from foldformer.text.splitters import Splitter
from foldformer.text.token import Token, show_token
from foldformer.text.tokenizers import (
    CharacterTokenizer,
    JustSpaces,
    LettersDigitsTokenizer,
    PretrainedTransformerTokenizer,
    SpacyTokenizer,
    Tokenizer,
    WhitespaceTokenizer,
)
from foldformer.text.vocabulary import Vocabulary
from foldformer.text.wordpieces import EncodedText, EncodedWords, encode_texts, encode_words

__all__ = [
    "CharacterTokenizer",
    "EncodedText",
    "EncodedWords",
    "JustSpaces",
    "LettersDigitsTokenizer",
    "PretrainedTransformerTokenizer",
    "SpacyTokenizer",
    "SpecialTokens",
    "Splitter",
    "Token",
    "Tokenizer",
    "Vocabulary",
    "WhitespaceTokenizer",
    "encode_texts",
    "encode_words",
    "find_special_tokens",
    "show_token",
]
