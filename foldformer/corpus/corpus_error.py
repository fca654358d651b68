"""The error of runs over corpora."""

from foldformer.config import ConfigurationError


class CorpusError(ConfigurationError):
    """Something about the input or the output folder of a run that its user can set right; nothing is lost by it."""
