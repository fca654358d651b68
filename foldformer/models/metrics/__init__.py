"""Metrics: numbers that are added up over batches."""

from foldformer.models.metrics.average import Average
from foldformer.models.metrics.boolean_accuracy import BooleanAccuracy
from foldformer.models.metrics.categorical_accuracy import CategoricalAccuracy
from foldformer.models.metrics.f1_measure import F1Measure
from foldformer.models.metrics.fbeta_measure import FBetaMeasure
from foldformer.models.metrics.fbeta_verbose_measure import FBetaVerboseMeasure
from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.span_based_f1_measure import SpanBasedF1Measure

__all__ = [
    "Average",
    "BooleanAccuracy",
    "CategoricalAccuracy",
    "F1Measure",
    "FBetaMeasure",
    "FBetaVerboseMeasure",
    "Metric",
    "SpanBasedF1Measure",
]
