"""Say why a name or a module of AllenNLP is not there, and what to do."""

from __future__ import annotations

import sys
from pathlib import Path

from foldformer.allennlp.requests import requests_of_file
from foldformer.allennlp.table import Missing, Unknown, table

_OURS = str(Path(__file__).parent)
CURE = "write it in the project, or leave it out"


def why_no_name(module: str, name: str) -> str:
    """Why a module of AllenNLP does not have a name here, on one line.

    What the importing file asks of the same module and does not get is listed too.
    """
    file = _importing_file()
    found = table().find(module, name)
    message = f"{_where(file)}{module}.{name} {_why(found)}"
    others = [other for other in _also_missing(file, module) if other != name]
    return message + (f"; the file also asks {module} for {', '.join(others)}, which are not served" if others else "")


def why_no_module(path: str) -> str:
    """Why there is no such module of AllenNLP here, on one line."""
    where = _where(_importing_file())
    advice = table().why_gone(path)
    if advice is not None:
        return f"{where}the module {path} of AllenNLP is not served: {advice}"
    match = table().nearest_module(path)
    return f"{where}AllenNLP had no module {path}" + (f"; did you mean {match}?" if match else "")


def _why(found: object) -> str:
    if isinstance(found, Missing):
        return f"of AllenNLP is not served: {found.advice or CURE}"
    match = found.nearest if isinstance(found, Unknown) else None
    return "was never in AllenNLP" + (f"; did you mean {match}?" if match else "")


def _also_missing(file: Path | None, module: str) -> list[str]:
    if file is None:
        return []
    asked = [request.name for request in requests_of_file(file) if request.module == module and request.name]
    return list(dict.fromkeys(name for name in asked if isinstance(table().find(module, name), (Missing, Unknown))))


def _importing_file() -> Path | None:
    """The file whose import is under way, past Python's import system and this package."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((_OURS, "<frozen importlib")) and "importlib" not in Path(name).parts:
            return Path(name) if Path(name).is_file() else None
        frame = frame.f_back  # type: ignore[assignment]
    return None


def _where(file: Path | None) -> str:
    return f"{file}: " if file is not None else ""
