"""The page that says what becomes of each architecture: written from outcomes, and read back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from tests.architectures.survey import Outcome

PAGE = Path(__file__).parents[2] / "docs" / "architectures.md"
_HEAD = """# Architectures

What becomes of each model type that `AutoModel` of transformers {transformers} can make. It was found out, not looked
up: a small model with random weights was made from each default configuration, saved, and given documents longer than
it has positions.

- **Embeds**: it runs as it is, and the vectors equal those of a plain loop over segments, to 1e-5 of their length.
- **With `sub_module`**: the whole model wants more than text. It is refused in one line, before any document, which
  names the parts that do with text; the one in the table embeds as above.
- **In OpenVINO**: of both, those that OpenVINO {openvino} converts and runs with PyTorch's numbers, to 1e-4. With the
  others PyTorch runs, and the log says why.
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
_VERSIONS = re.compile(r"of transformers (\S+) can.*OpenVINO (\S+) converts", re.DOTALL)


@dataclass(frozen=True)
class Versions:
    """What was tried.

    Args:
        transformers: Its version.
        openvino: Its version, "" where it is not installed.
    """

    transformers: str
    openvino: str

    @classmethod
    def installed(cls) -> "Versions":
        """Return those of this environment."""
        openvino = version("openvino") if find_spec("openvino") else ""
        return cls(version("transformers"), openvino)


def written(outcomes: Mapping[str, Outcome], versions: Versions) -> str:
    """Return the page as text."""
    kinds: dict[str, list[str]] = {"embeds": [], "part": [], "refused": [], "not made": []}
    for name, each in sorted(outcomes.items()):
        kinds[each.kind].append(name)
    rows = "".join(f"| `{name}` | `{outcomes[name].sub_module}` |\n" for name in kinds["part"])
    in_openvino = [name for name, each in sorted(outcomes.items()) if each.in_openvino]
    return (
        f"{_HEAD.format(transformers=versions.transformers, openvino=versions.openvino)}{_named(kinds['embeds'])}\n\n"
        f"## With `sub_module`\n\n| model type | `sub_module` |\n|---|---|\n{rows}\n"
        f"## In OpenVINO\n\n{_named(in_openvino)}\n\n"
        f"## Refused\n\n{_named(kinds['refused'])}\n\n## Unknown\n\n{_named(kinds['not made'])}\n"
    )


def read() -> tuple[dict[str, Outcome], Versions]:
    """Return what the page says, without reasons, and of which versions."""
    head, embeds, parts, in_openvino, refused, others = re.split(r"^## .*$", PAGE.read_text(), flags=re.MULTILINE)
    versions = _VERSIONS.search(head)
    assert versions is not None
    converted = set(_NAME.findall(in_openvino))
    outcomes = {name: Outcome("embeds", in_openvino=name in converted) for name in _NAME.findall(embeds)}
    outcomes |= {name: Outcome("part", part, in_openvino=name in converted) for name, part in _ROW.findall(parts)}
    outcomes |= {name: Outcome("refused") for name in _NAME.findall(refused)}
    outcomes |= {name: Outcome("not made") for name in _NAME.findall(others)}
    return outcomes, Versions(*versions.groups())


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
