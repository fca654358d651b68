"""What a whole experiment file describes."""

from __future__ import annotations

from foldformer.config.registrable import Registrable


class Experiment(Registrable):
    """Something that can be run: training a model, embedding a corpus.

    A file without `type` describes the implementation that is registered as `default`.
    """

    default_implementation = "default"
