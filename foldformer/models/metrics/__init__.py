"""Metrics: numbers that are added up over batches."""

from foldformer.models.metrics.attachment_scores import AttachmentScores
from foldformer.models.metrics.average import Average
from foldformer.models.metrics.boolean_accuracy import BooleanAccuracy
from foldformer.models.metrics.categorical_accuracy import CategoricalAccuracy
from foldformer.models.metrics.coreference import ConllCorefScores, MentionRecall
from foldformer.models.metrics.correlation import Auc, Covariance, PearsonCorrelation, SpearmanCorrelation
from foldformer.models.metrics.entropy import Entropy
from foldformer.models.metrics.f1_measure import F1Measure
from foldformer.models.metrics.fbeta_measure import FBetaMeasure
from foldformer.models.metrics.fbeta_multi_label_measure import F1MultiLabelMeasure, FBetaMultiLabelMeasure
from foldformer.models.metrics.fbeta_verbose_measure import FBetaVerboseMeasure
from foldformer.models.metrics.generation import BLEU, ROUGE
from foldformer.models.metrics.mean_absolute_error import MeanAbsoluteError
from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.perplexity import Perplexity
from foldformer.models.metrics.sequence_accuracy import SequenceAccuracy
from foldformer.models.metrics.span_based_f1_measure import SpanBasedF1Measure
from foldformer.models.metrics.unigram_recall import UnigramRecall

__all__ = [
    "BLEU",
    "ROUGE",
    "AttachmentScores",
    "Auc",
    "Average",
    "BooleanAccuracy",
    "CategoricalAccuracy",
    "ConllCorefScores",
    "Covariance",
    "Entropy",
    "F1Measure",
    "F1MultiLabelMeasure",
    "FBetaMeasure",
    "FBetaMultiLabelMeasure",
    "FBetaVerboseMeasure",
    "MeanAbsoluteError",
    "MentionRecall",
    "Metric",
    "PearsonCorrelation",
    "Perplexity",
    "SequenceAccuracy",
    "SpanBasedF1Measure",
    "SpearmanCorrelation",
    "UnigramRecall",
]
