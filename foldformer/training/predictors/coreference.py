"""Clusters of mentions in documents."""

from typing import Any

from overrides import overrides

from foldformer.data import DatasetReader, Instance
from foldformer.models import Model
from foldformer.text.tokenizers.spacy_models import get_spacy_model
from foldformer.training.predictors.predictor import JsonDict, Predictor, needed_text, needed_words


@Predictor.register("coreference_resolution")
class CorefPredictor(Predictor):
    """Takes `{"document": "..."}`, or `{"sentences": [[...], ...]}` of words, and gives what the model gives.

    Args:
        model: The model.
        dataset_reader: Its `text_to_instance` takes the words of each sentence.
        language: A pipeline of spaCy, which finds sentences and words; loaded when a document comes.
    """

    def __init__(self, model: Model, dataset_reader: DatasetReader, language: str = "en_core_web_sm") -> None:
        super().__init__(model, dataset_reader)
        self._language = language

    def predict(self, document: str) -> JsonDict:
        """Predict for one document."""
        return self.predict_json({"document": document})

    def predict_tokenized(self, tokenized_document: list[str]) -> JsonDict:
        """Predict for one document of words, which is taken as one sentence."""
        return self.predict_instance(self._to_instance([tokenized_document]))

    @overrides
    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        if "sentences" in json_dict:
            sentences = [needed_words({"words": each}, "words") for each in json_dict["sentences"]]
            return self._to_instance(sentences)
        document: Any = get_spacy_model(self._language, parse=True)(needed_text(json_dict, "document"))
        return self._to_instance([[word.text for word in sentence] for sentence in document.sents])
