"""Time `check`, `build`, reading and the schema for files of nested components, and show that time grows linearly.

Run: `python benchmarks/config.py`. Prints medians; a file of 1,000 components should be checked and built within 0.1 s.
"""

# ruff: noqa: ARG002  (components that only exist to be built)

import json
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from foldformer.config import Registrable, build, check
from foldformer.config.defaults import fill_defaults
from foldformer.config.read import read_text

REPEATS = 15
SIZES = (125, 250, 500, 1000, 2000, 4000)


class Part(Registrable):
    """What the file is made of."""


@Part.register("leaf")
class Leaf(Part):
    """A component with settings only."""

    def __init__(self, size: int, rate: float = 0.1, name: str = "leaf", flags: list[bool] | None = None) -> None:
        self.count = 1


@Part.register("branch")
class Branch(Part):
    """A component that holds others."""

    def __init__(self, parts: list[Part], extra: Part | None = None, settings: dict[str, float] | None = None) -> None:
        self.count = 1 + sum(part.count for part in parts) + (extra.count if extra else 0)


def bushy(components: int) -> dict[str, Any]:
    """A file of this many components, each branch with up to four parts."""
    if components == 1:
        return {"type": "leaf", "size": 3, "rate": 1, "flags": [True, False]}
    left = components - 1
    parts = min(4, left)
    shares = [left // parts + (index < left % parts) for index in range(parts)]
    return {"type": "branch", "parts": [bushy(share) for share in shares], "settings": {"a": 1, "b": 0.5}}


def median_ms(function: Callable[[], Any]) -> float:
    """Median time of a call, in milliseconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def row(size: int) -> str:
    """Times for one file, once its results are known to be right."""
    data = bushy(size)
    assert check(Part, data) == []
    assert build(Part, data).count == size
    checking = median_ms(lambda: check(Part, data))
    building = median_ms(lambda: build(Part, data))
    times = [checking, building, checking + building, 1000 * (checking + building) / size]
    times += [median_ms(lambda: fill_defaults(Part, data)), median_ms(lambda: _read(data))]
    return f"{size:>10}" + "".join(f"{time:11.2f}" for time in times)


def main() -> None:
    """Print a table."""
    print(f"Python {platform.python_version()}, jsonnet {version('jsonnet')}, median of {REPEATS} runs, milliseconds\n")
    columns = ("components", "check", "build", "both", "per 1,000", "defaults", "read")
    print(columns[0] + "".join(f"{column:>11}" for column in columns[1:]))
    for size in SIZES:
        print(row(size))


def _read(data: dict[str, Any]) -> None:
    assert read_text(json.dumps(data), source="benchmark") == data


if __name__ == "__main__":
    main()
