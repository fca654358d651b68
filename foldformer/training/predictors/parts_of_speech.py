"""Predictors that need the parts of speech of words."""

from functools import cached_property

from foldformer.config import ConfigurationError
from foldformer.data import DatasetReader
from foldformer.models import Model
from foldformer.text import SpacyTokenizer, Token
from foldformer.training.predictors.predictor import JsonDict, Predictor, needed_text, needed_words


class PartsOfSpeechPredictor(Predictor):
    """Takes `{"sentence": "..."}`, or `{"words": [...], "pos": [...]}`.

    Args:
        model: The model.
        dataset_reader: Its `text_to_instance` makes the instances.
        language: A pipeline of spaCy, which finds words and parts of speech; loaded when a sentence comes.
    """

    def __init__(self, model: Model, dataset_reader: DatasetReader, language: str = "en_core_web_sm") -> None:
        super().__init__(model, dataset_reader)
        self._language = language

    @cached_property
    def _tokenizer(self) -> SpacyTokenizer:
        return SpacyTokenizer(self._language, pos_tags=True)

    def predict(self, sentence: str) -> JsonDict:
        """Predict for one sentence."""
        return self.predict_json({"sentence": sentence})

    def _tokens(self, json_dict: JsonDict) -> list[Token]:
        """The words of an input; those that come with it have their part of speech as `pos_` and as `tag_`."""
        if "words" not in json_dict:
            return self._tokenizer.tokenize(needed_text(json_dict, "sentence"))
        words = needed_words(json_dict, "words")
        pos = needed_words({"pos": json_dict.get("pos")}, "pos")
        if len(words) != len(pos):
            raise ConfigurationError(f"pos: got {len(pos)}; expected {len(words)}, one for each word")
        return [Token(word, pos_=tag, tag_=tag) for word, tag in zip(words, pos, strict=True)]
