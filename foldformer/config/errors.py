"""What can be wrong with a configuration, and the one exception that says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where.

    Args:
        path: Where in the file, keys and list indices joined by dots (`model.layers.0.dim`); empty for the whole file.
        message: What came, what was expected, and what to do.
    """

    path: str
    message: str

    def __str__(self) -> str:
        """The line a user reads: `path: message`."""
        return f"{self.path}: {self.message}" if self.path else self.message

    def under(self, path: str) -> Problem:
        """The same problem, seen from a file that holds this one at `path`."""
        return Problem(".".join(part for part in (path, self.path) if part), self.message)


class ConfigurationError(Exception):
    """A configuration that cannot be built; carries every problem that was found, not only the first.

    Args:
        message: What is wrong; without it, the problems one a line.
        problems: The problems behind the message. A bare message becomes one problem without a path.
    """

    def __init__(self, message: str = "", problems: Sequence[Problem] = ()) -> None:
        self.message = message or "\n".join(str(problem) for problem in problems)
        self.problems: tuple[Problem, ...] = tuple(problems) or (Problem("", message),)
        super().__init__(self.message)

    def under(self, path: str) -> ConfigurationError:
        """The same error with every problem's path put under `path`."""
        return ConfigurationError(problems=[problem.under(path) for problem in self.problems])


def refuse(problems: Iterable[Problem]) -> None:
    """Raise a `ConfigurationError` with problems, if there are any."""
    found = list(problems)
    if found:
        raise ConfigurationError(problems=found)


class ExperimentalFeatureWarning(RuntimeWarning):
    """What is used may change."""
