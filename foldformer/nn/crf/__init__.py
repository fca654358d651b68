"""Conditional random fields over tag sequences."""

from foldformer.nn.crf.conditional_random_field import ConditionalRandomField, TagPath
from foldformer.nn.crf.transitions import LabelEncoding, allowed_transitions
from foldformer.nn.crf.weighted import (
    ConditionalRandomFieldWeightEmission,
    ConditionalRandomFieldWeightLannoy,
    ConditionalRandomFieldWeightTrans,
)

__all__ = [
    "ConditionalRandomField",
    "ConditionalRandomFieldWeightEmission",
    "ConditionalRandomFieldWeightLannoy",
    "ConditionalRandomFieldWeightTrans",
    "LabelEncoding",
    "TagPath",
    "allowed_transitions",
]
