"""Whether one text follows from another."""

from overrides import overrides

from foldformer.data import Instance
from foldformer.training.predictors.predictor import JsonDict, Predictor, needed_text


@Predictor.register("textual_entailment")
class TextualEntailmentPredictor(Predictor):
    """Takes `{"premise": "...", "hypothesis": "..."}` and gives what the model gives."""

    def predict(self, premise: str, hypothesis: str) -> JsonDict:
        """Predict for one pair."""
        return self.predict_json({"premise": premise, "hypothesis": hypothesis})

    @overrides
    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        return self._to_instance(needed_text(json_dict, "premise"), needed_text(json_dict, "hypothesis"))
