"""Tags for the words of a sentence."""

import re
from typing import Any

from overrides import overrides

from foldformer.config.optional import import_optional
from foldformer.data import DatasetReader, Instance
from foldformer.models import Model
from foldformer.text import Token, Tokenizer
from foldformer.training.predictors.predictor import JsonDict, Predictor, needed_text, needed_words

_WORDS = re.compile(r"\w+(?:['\u2019-]\w+)*|[^\w\s]")


@Predictor.register("sentence_tagger")
class SentenceTaggerPredictor(Predictor):
    """Takes `{"sentence": "..."}` or `{"words": [...]}` and gives what the model gives, `words` and `tags` too.

    Args:
        model: The model.
        dataset_reader: Its `text_to_instance` makes the instances.
        language: A pipeline of spaCy that cuts sentences into words, as in AllenNLP. By default words are what stands
            between white space and punctuation, each sign of which is a word.
        tokenizer: What cuts sentences into words, in place of both.
    """

    def __init__(
        self,
        model: Model,
        dataset_reader: DatasetReader,
        language: str | None = None,
        tokenizer: Tokenizer | None = None,
    ) -> None:
        super().__init__(model, dataset_reader)
        self._tokenizer = tokenizer
        self._spacy: Any = import_optional("spacy", extra="spacy").load(language) if language else None

    def predict(self, sentence: str) -> JsonDict:
        """Predict for one sentence."""
        return self.predict_json({"sentence": sentence})

    @overrides
    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        if "words" in json_dict or "tokens" in json_dict:
            return self._to_instance([Token(word) for word in needed_words(json_dict, "words", "tokens")])
        return self._to_instance(self._cut(needed_text(json_dict, "sentence", "text", "words")))

    def _cut(self, sentence: str) -> list[Token]:
        if self._tokenizer is not None:
            return self._tokenizer.tokenize(sentence)
        if self._spacy is not None:
            return [Token(word.text) for word in self._spacy(sentence)]
        return [Token(word) for word in _WORDS.findall(sentence)]
