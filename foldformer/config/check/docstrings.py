"""Read what docstrings say: the first line, and what each argument means.

Google sections (`Args:`) and AllenNLP's own (`# Parameters`, ``name : `type` ``) are understood.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

_SECTION = re.compile(r"^(Args|Arguments|Parameters|Attributes|Keyword Args):\s*$|^#+ *(Parameters|Arguments)\s*$")
_END = re.compile(r"^\S")
_ENTRY = re.compile(r"^(\s*)\**(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")


def summary(owner: object) -> str:
    """The first paragraph of the docstring that the object itself has, on one line; empty where it has none."""
    doc = _own_doc(owner)
    return " ".join(doc.split("\n\n")[0].split())


def parameter_descriptions(owners: Iterable[object]) -> dict[str, str]:
    """What the docstrings of several objects say about parameters; the first one that speaks of a parameter counts."""
    found: dict[str, str] = {}
    for owner in owners:
        found = {**_arguments(_own_doc(owner)), **found}
    return found


def _own_doc(owner: object) -> str:
    # Not inspect.getdoc: it inherits, and a base's first line says nothing about the class.
    doc = getattr(owner, "__doc__", None)
    if isinstance(owner, type):
        doc = owner.__dict__.get("__doc__")
    return inspect.cleandoc(doc) if isinstance(doc, str) else ""


def _arguments(doc: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    inside, markdown, indent = False, False, -1
    current: list[str] = []
    for line in doc.splitlines():
        section = _SECTION.match(line)
        if section:
            inside, markdown, indent = True, line.startswith("#"), -1
            continue
        if not inside or not line.strip():
            continue
        entry = _ENTRY.match(line)
        depth = len(line) - len(line.lstrip())
        if _END.match(line) and not (markdown and entry):
            inside = False
        elif entry and (indent < 0 or depth <= indent):
            indent = depth
            current = found.setdefault(entry[2], [])
            current += [] if markdown else [entry[3]]
        else:
            current.append(line.strip())
    return {name: " ".join(part for part in parts if part) for name, parts in found.items()}
