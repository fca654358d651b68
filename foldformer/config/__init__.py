"""Registry and configuration: read a file, check it against type hints, build what it describes."""

from foldformer.config.build import build
from foldformer.config.check import check
from foldformer.config.discovery import include_package
from foldformer.config.errors import ConfigurationError, Problem
from foldformer.config.experiment import Experiment
from foldformer.config.from_params import FromParams
from foldformer.config.lazy import Lazy, Provides
from foldformer.config.params import Params
from foldformer.config.registrable import Registrable

__all__ = [
    "ConfigurationError",
    "Experiment",
    "FromParams",
    "Lazy",
    "Params",
    "Problem",
    "Provides",
    "Registrable",
    "build",
    "check",
    "include_package",
]
