"""From a difference in data to changes of the text that the data came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from foldformer.config.edit.edits import add, remove, rename, replace
from foldformer.config.edit.source import Source
from foldformer.config.errors import ConfigurationError


def rewritten(text: str, before: Any, after: Any, evaluate: Callable[[str], Any]) -> str | None:
    """Change a Jsonnet text as little as makes it evaluate to other data.

    Args:
        text: The text.
        before: What it evaluates to.
        after: What it shall evaluate to.
        evaluate: Evaluates a text.

    Returns:
        The new text; None where a difference is not written in this text as a literal: in an import, by a function.
    """
    new = _changed(text, (), before, after)
    if new is None:
        return None
    try:
        return new if evaluate(new) == after else None
    except ConfigurationError:
        return None


def _changed(text: str, path: Sequence[str], before: Any, after: Any) -> str | None:
    if before == after:
        return text
    new = None
    if isinstance(before, dict) and isinstance(after, dict):
        new = _changed_object(text, path, before, after)
    elif isinstance(before, list) and isinstance(after, list):
        new = _changed_list(text, path, before, after)
    if new is None and path:
        return replace(Source(text), path, before, after)
    return new


def _changed_object(text: str | None, path: Sequence[str], before: dict[str, Any], after: dict[str, Any]) -> str | None:
    added = [key for key in after if key not in before]
    for key, value in before.items():
        if text is None:
            return None
        if key in after:
            text = _changed(text, [*path, key], value, after[key])
            continue
        twin = _twin(key, before, after, added)
        if twin is None:
            text = remove(Source(text), [*path, key])
        elif after[twin] == value:
            text = rename(Source(text), [*path, key], twin)
        else:
            text = replace(Source(text), [*path, key], value, after[twin], twin)
        added = [each for each in added if each != twin]
    for key in added:
        text = add(Source(text), path, key, after[key]) if text is not None else None
    return text


def _changed_list(text: str | None, path: Sequence[str], before: list[Any], after: list[Any]) -> str | None:
    if len(after) < len(before) or (len(after) > len(before) and after[: len(before)] != before):
        return None
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        text = _changed(text, [*path, str(index)], old, new) if text is not None else None
    for new in after[len(before) :]:
        text = add(Source(text), path, None, new) if text is not None else None
    return text


def _twin(key: str, before: dict[str, Any], after: dict[str, Any], added: Sequence[str]) -> str | None:
    """The new key in whose favour an old one went: it has the same value, or stands where the old one stood."""
    same = [each for each in added if after[each] == before[key]]
    place = _kept_before(key, before, after)
    return next(iter([*same, *(each for each in added if _kept_before(each, after, before) == place)]), None)


def _kept_before(key: str, block: dict[str, Any], other: dict[str, Any]) -> list[str]:
    keys = list(block)
    return [each for each in keys[: keys.index(key)] if each in other]
