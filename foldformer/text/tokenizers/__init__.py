"""Tokenizers: one registered class a file."""

from foldformer.text.tokenizers.character import CharacterTokenizer
from foldformer.text.tokenizers.letters_digits import LettersDigitsTokenizer
from foldformer.text.tokenizers.pretrained_transformer import PretrainedTransformerTokenizer
from foldformer.text.tokenizers.sentence_splitter import SentenceSplitter, SpacySentenceSplitter
from foldformer.text.tokenizers.spacy import SpacyTokenizer
from foldformer.text.tokenizers.tokenizer import Tokenizer
from foldformer.text.tokenizers.whitespace import JustSpaces, WhitespaceTokenizer

__all__ = [
    "CharacterTokenizer",
    "JustSpaces",
    "LettersDigitsTokenizer",
    "PretrainedTransformerTokenizer",
    "SentenceSplitter",
    "SpacySentenceSplitter",
    "SpacyTokenizer",
    "Tokenizer",
    "WhitespaceTokenizer",
]
