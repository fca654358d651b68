"""Overrides: `{"model.dropout": 0.2}` patches a place in the data, `{"model": {...}}` replaces it."""

import copy
from collections.abc import Mapping
from typing import Any

from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.config.read import read_text


def parse_overrides(
    overrides: str | Mapping[str, Any] | None, ext_vars: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Read overrides, given as a mapping or as Jsonnet text.

    Raises:
        ConfigurationError: The text is not Jsonnet, or not an object.
    """
    if not overrides:
        return {}
    if isinstance(overrides, Mapping):
        return dict(overrides)
    parsed = read_text(overrides, source="overrides", ext_vars=ext_vars)
    if not isinstance(parsed, dict):
        raise ConfigurationError(f'overrides: got {show(overrides)}; expected an object: {{"model.x": 1}}')
    return parsed


def with_overrides(original: Any, overrides: Mapping[str, Any]) -> Any:
    """Put overrides into a copy of the data.

    A dotted key walks down through objects (by key) and lists (by index). The last part of a key may be new in an
    object; all before it must exist.

    Args:
        original: Plain data. It is left as it is.
        overrides: Dotted key to the value that belongs there.

    Returns:
        A copy of `original` with the overrides in it.

    Raises:
        ConfigurationError: An override matches nothing in the data.
    """
    return copy.deepcopy(_patch(original, overrides, ""))


def _patch(original: Any, overrides: Mapping[str, Any], path: str) -> Any:
    if not isinstance(original, dict | list):
        first = next(iter(overrides))
        raise ConfigurationError(
            f"overrides: {path}{first} matches nothing: {path.rstrip('.') or 'the file'} is {show(original)}; "
            "expected an object or a list there"
        )
    children = dict(original) if isinstance(original, dict) else {str(i): v for i, v in enumerate(original)}
    replaced: dict[str, Any] = {}
    patched: dict[str, dict[str, Any]] = {}
    for key, value in overrides.items():
        if key in children or (isinstance(original, dict) and "." not in key):
            replaced[key] = value
        else:
            child = _child_named_by(key, children, path)
            patched.setdefault(child, {})[key[len(child) + 1 :]] = value
    for child, inner in patched.items():
        if child in replaced:
            raise ConfigurationError(
                f"overrides: {path}{child}.{next(iter(inner))} and {path}{child} exclude each other: "
                "the second replaces the whole of it"
            )
        replaced[child] = _patch(children[child], inner, f"{path}{child}.")
    merged = {**children, **replaced}
    return merged if isinstance(original, dict) else list(merged.values())


def _child_named_by(key: str, children: Mapping[str, Any], path: str) -> str:
    # A key of the data may hold dots itself, so the longest that fits is meant.
    fitting = [child for child in children if key.startswith(f"{child}.")]
    if fitting:
        return max(fitting, key=len)
    first = key.partition(".")[0]
    raise ConfigurationError(
        f"overrides: {path}{key} matches nothing; {path.rstrip('.') or 'the file'} holds "
        f"{one_of(list(children), 'and') or 'nothing'}{did_you_mean(first, children)}"
    )
