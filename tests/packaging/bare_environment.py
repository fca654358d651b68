"""An environment with what `pip install foldformer` brings and no extra, made of the packages of this one."""

import re
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement


def names_without_extras(name: str = "foldformer") -> set[str]:
    """Names of all distributions that one needs, directly or not, with no extra but those they ask for."""
    seen: set[tuple[str, str]] = set()
    waiting = [(name, "")]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        for line in _requires(each[0]):
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": each[1]}):
                waiting += [(_plain(requirement.name), extra) for extra in ("", *requirement.extras)]
    return {each for each, _ in seen} - {name}


def make_bare_environment(folder: Path) -> Path:
    """Fill a folder with links to the packages; it is for PYTHONPATH, beside `python -S`."""
    own = distribution("foldformer")
    for entry in Path(str(own.locate_file("."))).glob("foldformer-*.dist-info"):
        (folder / entry.name).symlink_to(entry)
    for name in names_without_extras():
        try:
            found = distribution(name)
        except PackageNotFoundError:  # for another platform
            continue
        tops = {Path(str(file)).parts[0] for file in found.files or ()} - {"..", "__pycache__"}
        for top in tops:
            source = Path(str(found.locate_file(top)))
            if source.exists() and not (folder / top).exists():
                (folder / top).symlink_to(source)
    return folder


def _requires(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
