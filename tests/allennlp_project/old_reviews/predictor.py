from typing import List

from allennlp.common.util import JsonDict
from allennlp.data import Instance
from allennlp.predictors.predictor import Predictor
from overrides import overrides


@Predictor.register("old-reviews")
class ReviewPredictor(Predictor):
    """Tells the kind of a review."""

    def predict(self, review: str) -> JsonDict:
        return self.predict_json({"review": review})

    @overrides
    def predict_json(self, inputs: JsonDict) -> JsonDict:
        output = self.predict_instance(self._json_to_instance(inputs))
        return {"review": inputs["review"], "kind": output["kind"], "num_words": len(output["words"])}

    @overrides
    def predict_batch_json(self, inputs: List[JsonDict]) -> List[JsonDict]:
        return [self.predict_json(each) for each in inputs]

    @overrides
    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        return self._dataset_reader.text_to_instance(json_dict["review"])
