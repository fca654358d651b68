"""Momentum schedules."""

from foldformer.training.momentum_schedulers.inverted_triangular import InvertedTriangular
from foldformer.training.momentum_schedulers.momentum_scheduler import MomentumScheduler

__all__ = ["InvertedTriangular", "MomentumScheduler"]
