"""Loading of spaCy's pipelines."""

from functools import cache
from typing import Any

from foldformer.config import ConfigurationError
from foldformer.config.optional import import_optional


@cache
def get_spacy_model(spacy_model_name: str, pos_tags: bool = True, parse: bool = False, ner: bool = False) -> Any:
    """Load a pipeline of spaCy, without the parts that are not asked for; the same object for the same arguments.

    Args:
        spacy_model_name: An installed pipeline, such as "en_core_web_sm", or its folder.
        pos_tags: Keep the tagger, and the lemmas that depend on it.
        parse: Keep the parser.
        ner: Keep the recognizer of entities.

    Raises:
        ConfigurationError: There is no such pipeline.
        MissingPackageError: spaCy is not installed.
    """
    spacy = import_optional("spacy", extra="spacy")
    left_out = ["textcat"]
    left_out += [] if pos_tags else ["tagger", "attribute_ruler", "lemmatizer"]
    left_out += [] if parse else ["parser"]
    left_out += [] if ner else ["ner"]
    try:
        return spacy.load(spacy_model_name, disable=left_out)
    except OSError as error:
        raise ConfigurationError(
            f'language: got "{spacy_model_name}", a pipeline of spaCy that is not installed; '
            f"run: python -m spacy download {spacy_model_name}"
        ) from error
