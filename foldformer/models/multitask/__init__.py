"""One model for several tasks: a backbone that all share, and a head for each."""

from foldformer.models.multitask.backbone import Backbone
from foldformer.models.multitask.classifier_head import ClassifierHead
from foldformer.models.multitask.head import Head
from foldformer.models.multitask.model import MultiTaskModel

__all__ = ["Backbone", "ClassifierHead", "Head", "MultiTaskModel"]
