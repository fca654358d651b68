"""What stops a training: before it begins, with a place in the file, and after."""

from foldformer.config import ConfigurationError, Problem


class TrainingError(Exception):
    """Training cannot go on; what was saved before is whole."""


class GradientsComputedError(RuntimeError):
    """A callback would compute the gradients of a batch, but one before it has done so."""


def wrong_at(path: str, message: str) -> ConfigurationError:
    """Make the error for one place in an experiment file.

    Args:
        path: The place, from the top of the file or from the block that is being built.
        message: What came, what was expected.
    """
    return ConfigurationError(problems=[Problem(path, message)])
