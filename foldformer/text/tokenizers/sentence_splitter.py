"""Splitting a text into sentences, for readers that cut each sentence into words."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from overrides import overrides

from foldformer.config import Registrable
from foldformer.text.tokenizers.spacy_models import get_spacy_model


class SentenceSplitter(Registrable):
    """Splits texts into sentences."""

    default_implementation = "spacy"

    @abstractmethod
    def split_sentences(self, text: str) -> list[str]:
        """Split one text."""

    def batch_split_sentences(self, texts: Sequence[str]) -> list[list[str]]:
        """Split several texts; a splitter that is faster in batches overrides this."""
        return [self.split_sentences(text) for text in texts]


@SentenceSplitter.register("spacy")
class SpacySentenceSplitter(SentenceSplitter):
    """Split a text into the sentences of a spaCy pipeline.

    Args:
        language: An installed pipeline, such as "en_core_web_sm", or its folder.
        rule_based: Go by punctuation, which is fast, and not by the parser.

    Raises:
        ConfigurationError: There is no such pipeline.
        MissingPackageError: spaCy is not installed.
    """

    def __init__(self, language: str = "en_core_web_sm", rule_based: bool = False) -> None:
        self._settings = {"language": language, "rule_based": rule_based}
        self.spacy: Any = get_spacy_model(language, parse=not rule_based)
        if rule_based and not self.spacy.has_pipe("sentencizer"):
            self.spacy.add_pipe("sentencizer")

    @overrides
    def split_sentences(self, text: str) -> list[str]:
        return _sentences(self.spacy(text))

    @overrides
    def batch_split_sentences(self, texts: Sequence[str]) -> list[list[str]]:
        return [_sentences(document) for document in self.spacy.pipe(texts)]

    @overrides
    def _to_params(self) -> dict[str, Any]:
        return {"type": "spacy", **self._settings}


def _sentences(document: Any) -> list[str]:
    return [sentence.text.strip() for sentence in document.sents]
