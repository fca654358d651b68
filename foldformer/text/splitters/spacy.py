"""Sentences as spaCy finds them."""

from typing import Any

from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.config.optional import import_optional
from foldformer.text.splitters.splitter import Splitter


@Splitter.register("spacy")
class SpacySplitter(Splitter):
    """Split into the sentences of a spaCy pipeline.

    Args:
        pipeline: An installed pipeline that sets sentence boundaries; or a language such as "en", whose rules for
            punctuation do it without a model.

    Raises:
        ConfigurationError: There is no such pipeline or language.
        MissingPackageError: spaCy is not installed.
    """

    def __init__(self, pipeline: str = "en") -> None:
        self._name = pipeline
        spacy = import_optional("spacy", extra="spacy")
        try:
            self._pipeline: Any = spacy.blank(pipeline) if "_" not in pipeline else spacy.load(pipeline)
        except (ImportError, OSError) as error:
            reason = str(error).partition("\n")[0]
            raise ConfigurationError(
                f'pipeline: got "{pipeline}", which spaCy cannot load ({reason}); expected a language such as "en", or '
                "an installed pipeline"
            ) from error
        if "_" not in pipeline:
            self._pipeline.add_pipe("sentencizer")

    @overrides
    def split(self, text: str) -> list[tuple[int, int]]:
        # nothing but memory limits the length, which a rule or a segmenter does not need much of
        self._pipeline.max_length = max(self._pipeline.max_length, len(text) + 1)
        sentences = [(sentence.start_char, sentence.text) for sentence in self._pipeline(text).sents]
        spans = [(start + len(own) - len(own.lstrip()), start + len(own.rstrip())) for start, own in sentences]
        return [span for span in spans if span[0] < span[1]]

    @overrides
    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "pipeline": self._name}
