"""Options of the transformer embedders that do not go together."""

from collections.abc import Iterator, Mapping
from typing import Any

from foldformer.config import Problem
from foldformer.config.nearest import show


def problems_of_options(options: Mapping[str, Any]) -> Iterator[Problem]:
    """Find options of an embedder that do not go with each other.

    Args:
        options: Constructor parameters by name; those that are not there have their defaults.
    """
    is_cached, folder = options.get("cache_frozen", False), options.get("cache_folder")
    is_trained, has_last_layer = options.get("train_parameters", True), options.get("last_layer_only", True)
    if is_cached and (is_trained or not has_last_layer):
        right = "train_parameters: false" if is_trained else "last_layer_only: true"
        message = f"got true, but these vectors change while training; expected {right} beside it"
        yield Problem("cache_frozen", message)
    if folder is not None and not is_cached:
        message = f"got {show(folder)}, but nothing is cached; expected cache_frozen: true beside it"
        yield Problem("cache_folder", message)
    overlap = options.get("overlap", 0)
    if overlap and options.get("max_length") is None:
        message = f"got {overlap} without max_length, so that no document is cut; expected max_length beside it"
        yield Problem("overlap", message)
