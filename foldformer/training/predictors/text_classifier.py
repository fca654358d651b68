"""Labels for texts."""

import inspect

from overrides import overrides

from foldformer.data import Instance
from foldformer.text import WhitespaceTokenizer
from foldformer.training.predictors.predictor import JsonDict, Predictor, needed_text


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
        names, absent = self._texts_and_labels()
        if len(names) > 1:
            return self._to_instance(**{name: needed_text(json_dict, name) for name in names}, **absent)
        sentence = needed_text(json_dict, "sentence", "text")
        own = getattr(self._dataset_reader, "_tokenizer", None) or getattr(self._dataset_reader, "tokenizer", None)
        # A reader that cannot cut a text into words is given the words.
        cut = sentence if own is not None else WhitespaceTokenizer().tokenize(sentence)
        return self._to_instance(cut, **absent)

    def _texts_and_labels(self) -> tuple[list[str], dict[str, None]]:
        """Sort what `text_to_instance` must be given into texts, and what only training data have."""
        parameters = inspect.signature(self._dataset_reader.text_to_instance).parameters.values()
        kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        required = [each.name for each in parameters if each.default is each.empty and each.kind not in kinds]
        absent = dict.fromkeys(name for name in required if name in ("label", "index"))
        return [name for name in required if name not in absent], absent
