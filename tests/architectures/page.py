"""The page that says what becomes of each architecture: written from outcomes, and read back."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.architectures.survey import Outcome

PAGE = Path(__file__).parents[2] / "docs" / "architectures.md"
_HEAD = """# Architectures

What becomes of each model type that `AutoModel` of transformers {version} can make. It was found out, not looked up: a
small model with random weights was made from each default configuration, saved, and given documents longer than it has
positions.

- **Embeds**: it runs as it is, and the vectors equal those of a plain loop over segments, to 1e-5 of their length.
- **With `sub_module`**: the whole model wants more than text. It is refused in one line, before any document, which
  names the parts that do with text; the one in the table embeds as above.
- **Refused**: in one line, before any document, as no part that `sub_module` can name gives a vector a wordpiece from
  text alone: models of images, sound or series, and a few that want boxes or give one vector a text.
- **Unknown**: no small model could be made, since a package is missing, or the default configuration is incomplete or
  does not go with smaller numbers. Such a model is tried when it is loaded, as every model is, and embeds or is refused
  in the same way.

`make architectures` tries all of them again, and `python -m tests.architectures` writes this page anew.

## Embeds

"""
_ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)
_NAME = re.compile(r"`([^`]+)`")
_VERSION = re.compile(r"of transformers (\S+) can")


def written(outcomes: Mapping[str, Outcome], version: str) -> str:
    """Return the page as text."""
    parts = [f"| `{name}` | `{each.sub_module}` |\n" for name, each in sorted(outcomes.items()) if each.kind == "part"]
    table = "".join(["| model type | `sub_module` |\n|---|---|\n", *parts])
    return (
        f"{_HEAD.format(version=version)}{_names(outcomes, 'embeds')}\n\n## With `sub_module`\n\n{table}\n"
        f"## Refused\n\n{_names(outcomes, 'refused')}\n\n## Unknown\n\n{_names(outcomes, 'not made')}\n"
    )


def read() -> tuple[dict[str, Outcome], str]:
    """Return what the page says, without reasons, and of which version of transformers."""
    head, embeds, parts, refused, others = re.split(r"^## .*$", PAGE.read_text(), flags=re.MULTILINE)
    version = _VERSION.search(head)
    assert version is not None
    outcomes = {name: Outcome("embeds") for name in _NAME.findall(embeds)}
    outcomes |= {name: Outcome("part", part) for name, part in _ROW.findall(parts)}
    outcomes |= {name: Outcome("refused") for name in _NAME.findall(refused)}
    outcomes |= {name: Outcome("not made") for name in _NAME.findall(others)}
    return outcomes, version[1]


def _names(outcomes: Mapping[str, Outcome], kind: str) -> str:
    return ", ".join(f"`{name}`" for name, each in sorted(outcomes.items()) if each.kind == kind)
