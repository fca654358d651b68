"""Models and the bases of the embedders."""

from foldformer.models.basic_classifier import BasicClassifier
from foldformer.models.biaffine_dependency_parser import BiaffineDependencyParser
from foldformer.models.bimpm import BiMpm
from foldformer.models.coreference import CoreferenceResolver
from foldformer.models.crf_tagger import CrfTagger
from foldformer.models.metrics import Metric
from foldformer.models.model import Model, ModelOutput
from foldformer.models.multitask import Backbone, ClassifierHead, Head, MultiTaskModel
from foldformer.models.semantic_roles import SemanticRoleLabeler, SrlBert
from foldformer.models.simple_tagger import SimpleTagger
from foldformer.models.text_field_embedder import TextFieldEmbedder
from foldformer.models.token_embedder import TokenEmbedder

__all__ = [
    "Backbone",
    "BasicClassifier",
    "BiMpm",
    "BiaffineDependencyParser",
    "ClassifierHead",
    "CoreferenceResolver",
    "CrfTagger",
    "Head",
    "Metric",
    "Model",
    "ModelOutput",
    "MultiTaskModel",
    "SemanticRoleLabeler",
    "SimpleTagger",
    "SrlBert",
    "TextFieldEmbedder",
    "TokenEmbedder",
]
