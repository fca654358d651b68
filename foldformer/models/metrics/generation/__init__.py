"""Metrics of generated sequences."""

from foldformer.models.metrics.generation.bleu import BLEU
from foldformer.models.metrics.generation.rouge import ROUGE

__all__ = ["BLEU", "ROUGE"]
