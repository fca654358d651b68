"""The vocabulary: which number every token and label has, counted from data, read from files, or both."""

from foldformer.text.vocabulary.vocabulary import Vocabulary

__all__ = ["Vocabulary"]
