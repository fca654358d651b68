"""A file after evaluation, with or without defaults."""

from pathlib import Path
from typing import Any

from foldformer.commands.options import FileOptions


def resolved(file: Path, options: FileOptions, with_defaults: bool) -> dict[str, Any]:
    """Read a file and, if asked, fill in every default.

    Raises:
        ConfigurationError: The file does not evaluate; or defaults are asked for and it has errors.
    """
    data = options.read(file)
    if not with_defaults:
        return data
    # Not at the top: components bring torch, which reading alone does not need.
    from foldformer.config.defaults import fill_defaults
    from foldformer.config.experiment import Experiment

    filled: dict[str, Any] = fill_defaults(Experiment, data)
    return filled
