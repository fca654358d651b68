"""Read `served.txt`: which object of ours stands behind each name of AllenNLP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from foldformer.config.nearest import nearest

ROOTS = ("allennlp", "allennlp_models")

_ROW = re.compile(r"(?P<target>missing|[\w.]+)(?: \((?P<advice>.+)\))?:(?P<names>.*)")


@dataclass(frozen=True)
class Served:
    """A name of AllenNLP that we serve.

    Args:
        module: Where it is defined here.
        name: What it is called there.
    """

    module: str
    name: str


@dataclass(frozen=True)
class Missing:
    """A name that AllenNLP had and we have not.

    Args:
        advice: What to do instead; may be empty.
    """

    advice: str


@dataclass(frozen=True)
class Unknown:
    """A name that no version of AllenNLP had there.

    Args:
        nearest: The most similar name that is there, or None.
    """

    nearest: str | None


class Table:
    """Module paths of AllenNLP, the names in them, and what we serve for each.

    A package serves what the modules below it serve, as AllenNLP's packages re-exported nearly everything.

    Args:
        text: Rows in the form that the head of `served.txt` describes.
    """

    def __init__(self, text: str) -> None:
        self._modules: dict[str, dict[str, Served | Missing]] = {}
        self._gone: dict[str, str] = {}
        self._names_of_gone: dict[str, dict[str, Served | Missing]] = {}
        headers: list[str] = []
        for line in _joined(text):
            if not line.startswith(" "):
                headers = line.split()
            elif headers[0].endswith(".*"):
                self._add_gone([header[:-2] for header in headers], line.strip())
            else:
                for header in headers:
                    self._modules.setdefault(header, {}).update(_row(line.strip()))
        self._packages = {path[: dot.start()] for path in self._modules for dot in re.finditer(r"\.", path)}

    def _add_gone(self, paths: list[str], row: str) -> None:
        match = _ROW.fullmatch(row)
        advice = (match["advice"] or "") if match else row
        self._gone |= dict.fromkeys(paths, advice)
        self._names_of_gone |= dict.fromkeys(paths, _row(row) if match else {})

    def __contains__(self, path: str) -> bool:
        """Whether AllenNLP had this module, or package, and it is not gone as a whole."""
        return path in self._modules or path in self._packages

    def is_module(self, path: str) -> bool:
        """Whether a path is that of a module or package, also of one that is gone."""
        return path in self or self.why_gone(path) is not None

    def __iter__(self) -> Iterator[str]:
        """Every module path of which something is served."""
        return iter(path for path, names in self._modules.items() if any(map(_is_served, names.values())))

    def names(self, path: str) -> dict[str, Served | Missing]:
        """The names of a module, those of the modules below it included.

        A name that is served somewhere below is served, though another module may lack one of the same name.
        """
        every = (*self._modules.items(), *self._names_of_gone.items())
        below = [names for other, names in every if other.startswith(f"{path}.")]
        found: dict[str, Served | Missing] = {}
        for names in (self._modules.get(path, {}), *below):
            for name, entry in names.items():
                if name not in found or (_is_served(entry) and not _is_served(found[name])):
                    found[name] = entry
        return found

    def find(self, path: str, name: str) -> Served | Missing | Unknown:
        """What stands behind a name of a module."""
        names = self.names(path)
        found = names.get(name) or self._elsewhere(path, name)
        if found is not None:
            return found
        advice = self._advice_below(path)
        if advice is not None:
            return Missing(advice)
        return Unknown(nearest(name, [each for each in names if _is_served(names[each])]))

    def _elsewhere(self, path: str, name: str) -> Served | Missing | None:
        """What other modules define; modules that import it have the name too, and projects take it from there.

        Modules of the same root come first. Of two of ours that bear one name neither is served.
        """
        root = path.partition(".")[0]
        entries = [(module, names[name]) for module, names in self._modules.items() if name in names]
        same = {entry for module, entry in entries if module.partition(".")[0] == root and isinstance(entry, Served)}
        served = same or {entry for _, entry in entries if isinstance(entry, Served)}
        if len(served) == 1:
            return served.pop()
        if served:
            homes = dict.fromkeys(module for module, entry in entries if entry in served)
            return Missing(f"import it from {' or '.join(homes)}")
        gone = (names[name] for names in self._names_of_gone.values() if name in names)
        return next((entry for _, entry in entries), next(gone, None))

    def why_gone(self, path: str) -> str | None:
        """What to do without a module that is gone with all its names; None where it is not."""
        return None if path in self else self._advice_below(path)

    def _advice_below(self, path: str) -> str | None:
        """The advice for whatever is gone below a path, or at it."""
        for gone, advice in self._gone.items():
            if path == gone or path.startswith(f"{gone}."):
                return advice
        return None

    def nearest_module(self, path: str) -> str | None:
        """The module path that is most like one that never was."""
        return nearest(path, [*self._modules, *self._packages])


@cache
def table() -> Table:
    """The table of this distribution."""
    return Table(files(__package__).joinpath("served.txt").read_text(encoding="utf-8"))


def _is_served(entry: Served | Missing) -> bool:
    return isinstance(entry, Served)


def _joined(text: str) -> Iterator[str]:
    """Lines without comments, continued ones (eight spaces) joined to the one before."""
    kept = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return iter(re.sub(r"\n {8}", " ", "\n".join(kept)).splitlines())


def _row(line: str) -> dict[str, Served | Missing]:
    match = _ROW.fullmatch(line)
    assert match, f"no row: {line}"
    target = match["target"]
    entries: dict[str, Served | Missing] = {}
    for word in match["names"].split():
        theirs, _, ours = word.partition("=")
        entries[theirs] = Missing(match["advice"] or "") if target == "missing" else Served(target, ours or theirs)
    return entries
