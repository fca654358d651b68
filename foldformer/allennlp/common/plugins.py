"""Packages that a project names in `.allennlp_plugins`, one a line."""

import sys
from collections.abc import Iterator
from pathlib import Path

from foldformer.commands.options import include_packages

LOCAL_PLUGINS_FILENAME = ".allennlp_plugins"
GLOBAL_PLUGINS_FILENAME = str(Path.home() / ".allennlp" / "plugins")


def discover_plugins() -> Iterator[str]:
    """Yield the packages that the file in this folder names, then those of the file in the home folder."""
    named: dict[str, None] = {}
    for file in (Path(LOCAL_PLUGINS_FILENAME), Path(GLOBAL_PLUGINS_FILENAME)):
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        named.update(dict.fromkeys(line.strip() for line in lines if line.strip()))
    yield from named


def import_plugins() -> None:
    """Import these packages with their components; those of this folder are found.

    Raises:
        ConfigurationError: One cannot be imported.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    include_packages(list(discover_plugins()))
