"""Copies that stand in for pretrained names, so that an archive needs neither the hub nor the original weights."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from foldformer.config.trust import refuse_if_restricted
from foldformer.text.files import cached_path

# What tells one state of a pretrained model from another under the same name; a copy is such a state.
_SOURCE_ARGUMENTS = ("revision", "subfolder", "token", "cache_dir")

COPIED_FILE = "file"
"""What the copy of a single file is called, in a folder of its own."""

_asked_for: dict[str, dict[str, Any]] = {}
_files_asked_for: set[str] = set()
_copies: ContextVar[Mapping[str, Path] | None] = ContextVar("copies", default=None)


@contextmanager
def copies_in_use(folders: Mapping[str, Path]) -> Iterator[None]:
    """Load tokenizers and configurations from copies, and transformers without weights, for somebody brings these.

    Args:
        folders: The copies by the name of what they are copies of; other names are looked for as always.
    """
    token = _copies.set(dict(folders))
    try:
        yield
    finally:
        _copies.reset(token)


def weights_follow() -> bool:
    """Whether weights come later, from an archive, so that reading pretrained ones would be in vain."""
    return _copies.get() is not None


def stand_in_for(model_name: str, kwargs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Say where to load something from, and remember that it was asked for.

    Args:
        model_name: Folder, name in the local cache, or name on the hub.
        kwargs: What it is loaded with.

    Returns:
        The copy and the arguments that do not say where the original came from; or both as they are.
    """
    if kwargs.get("trust_remote_code"):
        refuse_if_restricted(f'the Python code of "{model_name}" (trust_remote_code)')
    copy = (_copies.get() or {}).get(model_name)
    if copy is not None:
        return str(copy), {key: value for key, value in kwargs.items() if key not in _SOURCE_ARGUMENTS}
    source = {key: kwargs[key] for key in (*_SOURCE_ARGUMENTS, "trust_remote_code") if key in kwargs}
    _asked_for[model_name] = {**_asked_for.get(model_name, {}), **source}
    return model_name, dict(kwargs)


def names_asked_for() -> dict[str, dict[str, Any]]:
    """Every name that this process has loaded something from, with the arguments that say which state of it."""
    return {name: dict(source) for name, source in _asked_for.items()}


def file_or_copy(name: str) -> Path:
    """Find a small file that a model is built from, or its copy, and remember that it was asked for.

    Args:
        name: Path or URL.

    Raises:
        FileNotFoundError: There is no such file. More as in `cached_path`.
    """
    copy = (_copies.get() or {}).get(name)
    if copy is not None:
        return copy / COPIED_FILE
    _files_asked_for.add(name)
    return cached_path(name)


def files_asked_for() -> set[str]:
    """Every file that this process has built a model from, beside pretrained names."""
    return set(_files_asked_for)
