"""Write the old keys of a file as they are written today."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from foldformer.config.errors import Problem
from foldformer.config.old_keys.row import Block
from foldformer.config.old_keys.table import TABLE

logger = logging.getLogger(__name__)


def upgraded(data: Mapping[str, Any]) -> tuple[Block, list[Problem]]:
    """Write old keys as today's.

    Args:
        data: What a file evaluates to; stays as it is.

    Returns:
        The data with today's keys, and for every old key where it stands and what to write in its place.
    """
    keys = {key for _, block in _blocks(data, ()) for key in block}
    rows = [row for row in TABLE if row.key in keys]
    file = copy.deepcopy(dict(data)) if rows else dict(data)
    found: list[Problem] = []
    for row in rows:
        pattern = row.block.split(".") if row.block else []
        for path, block in list(_blocks(file, ())):
            if row.fits(block) and _matches(pattern, path) and row.apply(block, file):
                found.append(Problem(".".join((*path, row.key)), row.advice))
    return file, found


def upgraded_with_warnings(data: Mapping[str, Any], source: str) -> Block:
    """As `upgraded`; logs one warning for each old key.

    Args:
        data: As for `upgraded`.
        source: What the warnings call the file.
    """
    file, found = upgraded(data)
    for problem in found:
        logger.warning("%s: %s", source, problem)
    return file


def _blocks(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Block]]:
    if isinstance(value, dict):
        yield path, value
        entries = list(value.items())
    else:
        entries = [(str(index), each) for index, each in enumerate(value)]
    for key, each in entries:
        if isinstance(each, (dict, list)):
            yield from _blocks(each, (*path, key))


def _matches(pattern: Sequence[str], path: Sequence[str]) -> bool:
    if not pattern or not path:
        return all(part == "**" for part in pattern) and not path
    if pattern[0] == "**":
        return _matches(pattern[1:], path) or _matches(pattern, path[1:])
    return fnmatchcase(path[0], pattern[0]) and _matches(pattern[1:], path[1:])
