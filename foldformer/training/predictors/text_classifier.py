"""Labels for texts."""

import inspect
from typing import Any

from overrides import overrides

from foldformer.data import Instance
from foldformer.text import WhitespaceTokenizer
from foldformer.training.predictors.predictor import JsonDict, Predictor, needed


@Predictor.register("text_classifier")
class TextClassifierPredictor(Predictor):
    """Takes `{"sentence": "..."}`, or `"text"`, and gives what the model gives, `label` and `probs` too.

    For readers of more than one text, the keys are what `text_to_instance` of the reader calls them: `"premise"` and
    `"hypothesis"`, say.
    """

    def predict(self, sentence: str) -> JsonDict:
        """Predict for one text."""
        return self.predict_json({"sentence": sentence})

    @overrides
    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        texts = self._named_texts(json_dict)
        if texts is not None:
            return self._to_instance(**texts)
        sentence = needed(json_dict, "sentence", "text")
        own = getattr(self._dataset_reader, "_tokenizer", None) or getattr(self._dataset_reader, "tokenizer", None)
        # A reader that cannot cut a text into words is given the words.
        return self._to_instance(sentence if own is not None else WhitespaceTokenizer().tokenize(sentence))

    def _named_texts(self, json_dict: JsonDict) -> dict[str, Any] | None:
        parameters = inspect.signature(self._dataset_reader.text_to_instance).parameters.values()
        required = [each.name for each in parameters if each.default is each.empty and each.kind != each.VAR_KEYWORD]
        if len(required) < 2 or "sentence" in json_dict:
            return None
        # What only training data have, and a number that only counts.
        absent = {name: None for name in required if name in ("label", "index")}
        for name in required:
            if name not in absent:
                needed(json_dict, name)
        return {**absent, **{name: json_dict[name] for name in required if name in json_dict}}
