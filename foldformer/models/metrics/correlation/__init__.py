"""Metrics that compare two series of numbers."""

from foldformer.models.metrics.correlation.auc import Auc
from foldformer.models.metrics.correlation.covariance import Covariance
from foldformer.models.metrics.correlation.pearson import PearsonCorrelation
from foldformer.models.metrics.correlation.spearman import SpearmanCorrelation

__all__ = ["Auc", "Covariance", "PearsonCorrelation", "SpearmanCorrelation"]
