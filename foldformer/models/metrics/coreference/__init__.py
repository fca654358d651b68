"""Metrics of coreference: which mentions of a text mean the same."""

from foldformer.models.metrics.coreference.conll_coref_scores import ConllCorefScores
from foldformer.models.metrics.coreference.mention_recall import MentionRecall

__all__ = ["ConllCorefScores", "MentionRecall"]
