"""Predictors: what `foldformer predict` runs."""

from foldformer.training.predictors.biaffine_dependency_parser import BiaffineDependencyParserPredictor
from foldformer.training.predictors.coreference import CorefPredictor
from foldformer.training.predictors.multitask import MultiTaskPredictor
from foldformer.training.predictors.predictor import JsonDict, Predictor
from foldformer.training.predictors.semantic_roles import SemanticRoleLabelerPredictor
from foldformer.training.predictors.sentence_tagger import SentenceTaggerPredictor
from foldformer.training.predictors.text_classifier import TextClassifierPredictor
from foldformer.training.predictors.textual_entailment import TextualEntailmentPredictor

__all__ = [
    "BiaffineDependencyParserPredictor",
    "CorefPredictor",
    "JsonDict",
    "MultiTaskPredictor",
    "Predictor",
    "SemanticRoleLabelerPredictor",
    "SentenceTaggerPredictor",
    "TextClassifierPredictor",
    "TextualEntailmentPredictor",
]
