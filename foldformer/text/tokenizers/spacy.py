"""Words as spaCy cuts them."""

from collections.abc import Sequence
from typing import Any

from overrides import overrides

from foldformer.config.optional import import_optional
from foldformer.text.token import Token
from foldformer.text.tokenizers.spacy_models import get_spacy_model
from foldformer.text.tokenizers.tokenizer import Tokenizer


@Tokenizer.register("spacy")
class SpacyTokenizer(Tokenizer):
    """Split a text into the words of a spaCy pipeline, white space left out.

    Args:
        language: An installed pipeline, such as "en_core_web_sm", or its folder.
        pos_tags: Find parts of speech and lemmas, where the pipeline does.
        parse: Find dependencies.
        ner: Find entities.
        keep_spacy_tokens: Give spaCy's own tokens, which cannot be pickled, in place of `Token`.
        split_on_spaces: Split at each space only, for texts that are cut into words already.
        start_tokens: Put before each text.
        end_tokens: Put after each text.

    Raises:
        ConfigurationError: There is no such pipeline.
        MissingPackageError: spaCy is not installed.
    """

    def __init__(
        self,
        language: str = "en_core_web_sm",
        pos_tags: bool = True,
        parse: bool = False,
        ner: bool = False,
        keep_spacy_tokens: bool = False,
        split_on_spaces: bool = False,
        start_tokens: list[str] | None = None,
        end_tokens: list[str] | None = None,
    ) -> None:
        self.spacy: Any = get_spacy_model(language, pos_tags, parse, ner)
        self._settings = {"language": language, "pos_tags": pos_tags, "parse": parse, "ner": ner}
        self._keep_spacy_tokens = keep_spacy_tokens
        self._split_on_spaces = split_on_spaces
        self._start_tokens = list(start_tokens or [])
        self._end_tokens = list(end_tokens or [])

    @overrides
    def tokenize(self, text: str) -> list[Token]:
        return self._tokens(self.spacy(self._document(text)))

    @overrides
    def batch_tokenize(self, texts: Sequence[str]) -> list[list[Token]]:
        return [self._tokens(document) for document in self.spacy.pipe(map(self._document, texts))]

    def _document(self, text: str) -> Any:
        """What the pipeline is given: the text, or a document that is cut already."""
        if not self._split_on_spaces:
            return text
        return import_optional("spacy.tokens", extra="spacy").Doc(self.spacy.vocab, words=text.split(" "))

    def _tokens(self, document: Any) -> list[Token]:
        words = [word for word in document if not word.is_space]
        return [
            *(Token(text, 0) for text in self._start_tokens),
            *(words if self._keep_spacy_tokens else map(_token, words)),
            *(Token(text, -1) for text in self._end_tokens),
        ]

    @overrides
    def _to_params(self) -> dict[str, Any]:
        return {
            "type": "spacy",
            **self._settings,
            "keep_spacy_tokens": self._keep_spacy_tokens,
            "split_on_spaces": self._split_on_spaces,
            "start_tokens": self._start_tokens,
            "end_tokens": self._end_tokens,
        }


def _token(word: Any) -> Token:
    known = (word.lemma_, word.pos_, word.tag_, word.dep_, word.ent_type_)
    return Token(word.text, word.idx, word.idx + len(word.text), *known)
