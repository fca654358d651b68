"""Packages that only some features need."""

from importlib import import_module
from types import ModuleType


class MissingPackageError(ImportError):
    """A package that only some features need is not installed; the message has the command that installs it."""


def import_optional(name: str, *, extra: str) -> ModuleType:
    """Import a package of one of the distribution's extras.

    Args:
        name: Module, such as "torchmetrics".
        extra: The extra that brings it, such as "train".

    Raises:
        MissingPackageError: It is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise
        raise MissingPackageError(
            f"this needs the package {name.partition('.')[0]}, which is not installed; "
            f"run: pip install 'foldformer[{extra}]'",
            name=error.name,
        ) from error
