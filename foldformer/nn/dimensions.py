"""Widths that must fit together."""

from foldformer.config import ConfigurationError


def check_dimensions_match(dimension_1: int, dimension_2: int, dim_1_name: str, dim_2_name: str) -> None:
    """Check that two widths are the same.

    Args:
        dimension_1: One width.
        dimension_2: The other.
        dim_1_name: What an error calls the first.
        dim_2_name: What an error calls the second.

    Raises:
        ConfigurationError: They differ.
    """
    if dimension_1 != dimension_2:
        raise ConfigurationError(f"{dim_1_name}: got {dimension_1}; expected {dimension_2}, which is {dim_2_name}")
