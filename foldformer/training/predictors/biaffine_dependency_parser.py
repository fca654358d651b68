"""Dependency trees of sentences."""

from collections.abc import Sequence
from functools import cached_property

from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data import DatasetReader, Instance
from foldformer.models import Model
from foldformer.text import SpacyTokenizer
from foldformer.training.predictors.hierplane import hierplane_tree
from foldformer.training.predictors.predictor import JsonDict, Predictor, needed_text, needed_words


@Predictor.register("biaffine_dependency_parser")
class BiaffineDependencyParserPredictor(Predictor):
    """Takes `{"sentence": "..."}`, or `{"words": [...], "pos": [...]}`, and gives what the model gives.

    Where the tree has a root, it is drawn as `hierplane_tree` too.

    Args:
        model: The model.
        dataset_reader: Its `text_to_instance` takes words and their parts of speech; where its
            `use_language_specific_pos` is true, the treebank's own.
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

    @overrides
    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        if "words" in json_dict:
            words = needed_words(json_dict, "words")
            pos = needed_words({"pos": json_dict.get("pos")}, "pos")
            if len(words) != len(pos):
                raise ConfigurationError(f"pos: got {len(pos)}; expected {len(words)}, one for each word")
            return self._to_instance(words, pos)
        tokens = self._tokenizer.tokenize(needed_text(json_dict, "sentence"))
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
