"""Errors that a user can do something about, as one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from foldformer.config.errors import ConfigurationError
from foldformer.config.optional import MissingPackageError
from foldformer.text.archives import FileContentError
from foldformer.training.errors import TrainingError


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn errors about files, packages and the course of a training into `ConfigurationError`.

    Raises:
        ConfigurationError: In place of any of those.
    """
    try:
        yield
    except (FileNotFoundError, FileContentError, MissingPackageError, TrainingError) as error:
        raise ConfigurationError(str(error)) from error
