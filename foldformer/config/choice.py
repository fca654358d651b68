"""Check a choice among names."""

from collections.abc import Sequence
from typing import Any

from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show


def check_choice(name: str, value: Any, allowed: Sequence[str]) -> None:
    """Check that a value is one of those that are allowed.

    Args:
        name: Of the parameter or option, as the user knows it.
        value: What was given.
        allowed: What can be given.

    Raises:
        ConfigurationError: It is none of them; names the nearest one.
    """
    if value not in allowed:
        raise ConfigurationError(f"{name}: got {show(value)}; expected {one_of(allowed)}{did_you_mean(value, allowed)}")
