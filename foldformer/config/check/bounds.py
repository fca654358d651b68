"""Bounds of numbers, for type hints."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class Range:
    """What a number may be: `num_epochs: Annotated[int, Range(min=1)]`; in a hint of many numbers, each of them.

    Args:
        min: The smallest.
        max: The largest.
        above: What it must exceed.
        below: What it must stay below.
    """

    min: float | None = None
    max: float | None = None
    above: float | None = None
    below: float | None = None

    def holds(self, value: float) -> bool:
        """Whether a number lies within; one that is not a number does not."""
        return (
            (self.min is None or value >= self.min)
            and (self.max is None or value <= self.max)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        """A phrase to put after "a number"; empty without bounds."""
        if self.min is not None and self.max is not None:
            return f" from {self.min:g} to {self.max:g}"
        words = {"of at least": self.min, "above": self.above, "of at most": self.max, "below": self.below}
        said = " and ".join(f"{word} {bound:g}" for word, bound in words.items() if bound is not None)
        return f" {said}" if said else ""


UNBOUNDED = Range()
AtLeastOne = Annotated[int, Range(min=1)]
NotNegative = Annotated[int, Range(min=0)]
NotNegativeNumber = Annotated[float, Range(min=0)]
Fraction = Annotated[float, Range(min=0, max=1)]
