"""Dependency trees of sentences."""

from collections.abc import Sequence

from overrides import overrides

from foldformer.data import Instance
from foldformer.training.predictors.hierplane import hierplane_tree
from foldformer.training.predictors.parts_of_speech import PartsOfSpeechPredictor
from foldformer.training.predictors.predictor import JsonDict, Predictor


@Predictor.register("biaffine_dependency_parser")
class BiaffineDependencyParserPredictor(PartsOfSpeechPredictor):
    """Takes `{"sentence": "..."}`, or `{"words": [...], "pos": [...]}`, and gives what the model gives.

    Where the tree has a root, it is drawn as `hierplane_tree` too.

    Args:
        model: The model.
        dataset_reader: Its `text_to_instance` takes words and their parts of speech; where its
            `use_language_specific_pos` is true, the treebank's own.
        language: A pipeline of spaCy, which finds words and parts of speech; loaded when a sentence comes.
    """

    @overrides
    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        tokens = self._tokens(json_dict)
        by_treebank = getattr(self._dataset_reader, "use_language_specific_pos", False)
        found = [(token.tag_ if by_treebank else token.pos_) or "" for token in tokens]
        return self._to_instance([token.ensure_text() for token in tokens], found)

    @overrides
    def predict_batch_instance(self, instances: Sequence[Instance]) -> list[JsonDict]:
        outputs = super().predict_batch_instance(instances)
        for each in outputs:
            heads, pos = each["predicted_heads"], each["pos"] or [""] * len(each["words"])
            if 0 in heads:
                each["hierplane_tree"] = hierplane_tree(each["words"], heads, each["predicted_dependencies"], pos)
        return outputs
