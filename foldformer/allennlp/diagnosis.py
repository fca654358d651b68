"""What a project's Python asks for, and what of it is there; nothing of the project is run."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from foldformer.allennlp.messages import CURE
from foldformer.allennlp.requests import ALLENNLP, Library, Request, requests_of
from foldformer.allennlp.table import Missing, Served, table

OTHERS = ("numpy", "torch", "transformers")
"""Libraries that have dropped names since AllenNLP's time."""


@dataclass
class Finding:
    """A name that a project asks for.

    Args:
        name: Its dotted path.
        is_served: Whether it is there.
        answer: Our name for it, or what to do instead.
        places: Files and lines that ask for it.
    """

    name: str
    is_served: bool
    answer: str
    places: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Program:
    """A Python file of a project.

    Args:
        name: How it is shown.
        tree: Its syntax.
    """

    name: str
    tree: ast.Module


@dataclass(frozen=True)
class Unreadable:
    """A file that is not Python of this version.

    Args:
        place: File and line.
        why: What Python says.
    """

    place: str
    why: str


def read_programs(files: Iterable[Path]) -> tuple[list[Program], list[Unreadable]]:
    """Parse Python files.

    Raises:
        OSError: A file cannot be read.
    """
    programs, unreadable = [], []
    for file in files:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of odd escapes in strings
                programs.append(Program(str(file), ast.parse(file.read_bytes())))
        except (SyntaxError, ValueError) as error:  # ValueError: null bytes
            line = getattr(error, "lineno", None) or 1
            unreadable.append(Unreadable(f"{file}:{line}", getattr(error, "msg", None) or str(error)))
    return programs, unreadable


def asked_of_allennlp(programs: Iterable[Program], own: str) -> list[Finding]:
    """What programs ask of AllenNLP, what is missing first.

    Args:
        programs: The files.
        own: The project's package, which may itself be called as one of AllenNLP's.
    """
    library = Library(tuple(root for root in ALLENNLP.roots if root != own), ALLENNLP.is_module)
    return _collected(programs, library, _of_allennlp)


def dropped_by_others(programs: Iterable[Program]) -> list[Finding]:
    """What programs ask of today's torch, transformers and numpy that is not there any more."""
    found = _collected(programs, Library(OTHERS, _is_module), _of_library)
    return [each for each in found if not each.is_served]


def not_installed(programs: Sequence[Program], place: Path) -> list[Finding]:
    """Packages that programs import and that are not installed.

    Args:
        programs: The files.
        place: The project's package. What is called as one of its files, or stands beside it, is the project's own.
    """
    own = {Path(each.name).stem for each in programs} | {each.stem for each in place.absolute().parent.iterdir()}
    found: dict[str, Finding] = {}
    for program in programs:
        for name, line in _imported_packages(program.tree):
            if name not in own and name not in ALLENNLP.roots and not _is_module(name):
                answer = "not installed, at least not under this name"
                finding = found.setdefault(name, Finding(name, is_served=False, answer=answer))
                finding.places.append(f"{program.name}:{line}")
    return sorted(found.values(), key=lambda each: each.name)


def registered_names(programs: Iterable[Program]) -> set[str]:
    """The names that programs register components under, as in `@Model.register("name")`."""
    calls = (node for each in programs for node in ast.walk(each.tree) if isinstance(node, ast.Call))
    registering = [each for each in calls if isinstance(each.func, ast.Attribute) and each.func.attr == "register"]
    first = [each.args[0] for each in registering if each.args]
    first += [word.value for each in registering for word in each.keywords if word.arg == "name"]
    return {each.value for each in first if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def _collected(
    programs: Iterable[Program], library: Library, answer: Callable[[Request], tuple[bool, str] | None]
) -> list[Finding]:
    found: dict[str, Finding] = {}
    for program in programs:
        for request in requests_of(program.tree, library):
            name = str(request)
            about = found[name] if name in found else answer(request)
            if isinstance(about, tuple):
                about = found[name] = Finding(name, *about)
            if about is not None:
                about.places.append(f"{program.name}:{request.line}")
    return sorted(found.values(), key=lambda each: (each.is_served, each.name))


def _of_allennlp(request: Request) -> tuple[bool, str] | None:
    gone = table().why_gone(request.module)
    if gone is not None:
        return False, gone
    if not request.name:
        if request.module in table():
            return None  # what is taken out of it is asked for by name
        match = table().nearest_module(request.module)
        return False, "was never in AllenNLP" + (f"; did you mean {match}?" if match else "")
    entry = table().find(request.module, request.name)
    if isinstance(entry, Served):
        return True, f"{entry.module}.{entry.name}"
    if isinstance(entry, Missing):
        return False, entry.advice or CURE
    if request.name.startswith("__"):
        return None
    return False, "was never in AllenNLP" + (f"; did you mean {entry.nearest}?" if entry.nearest else "")


def _of_library(request: Request) -> tuple[bool, str] | None:
    root = request.module.partition(".")[0]
    if not _is_module(root):
        return None
    there = _has(request.module, request.name) if request.name else _is_module(request.module)
    return there, "" if there else f"not in today's {root}"


@cache
def _has(module: str, name: str) -> bool:
    if not _is_module(module):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = importlib.import_module(module)
        return (name in dir(found) or hasattr(found, name)) and not _only_raises(vars(found).get(name))


def _only_raises(found: object) -> bool:
    """Whether a function is there only to say that it was removed, as some of torch are."""
    if not inspect.isfunction(found):
        return False
    try:
        body = ast.parse(inspect.getsource(found)).body[0]
    except (OSError, SyntaxError):  # made by a program
        return False
    statements = [each for each in getattr(body, "body", ()) if not isinstance(each, ast.Expr)]
    return len(statements) == 1 and isinstance(statements[0], ast.Raise)


@cache
def _is_module(path: str) -> bool:
    try:
        return path in sys.modules or find_spec(path) is not None
    except (ImportError, ValueError, AttributeError):  # something above it is no package
        return False


def _imported_packages(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0], node.lineno
