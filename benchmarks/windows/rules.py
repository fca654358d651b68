"""The ways of cutting that are compared."""

from dataclasses import dataclass

from foldformer.choices import Cut, OverlapMode


@dataclass(frozen=True)
class Rule:
    """One way of cutting.

    Args:
        size: Content wordpieces in a full window.
        part: Of a window that is shared with the next.
        mode: What counts of a shared wordpiece.
        cut: Where windows may end.
    """

    size: int
    part: float = 0.0
    mode: OverlapMode = "average"
    cut: Cut = "wordpiece"

    @property
    def overlap(self) -> int:
        """Wordpieces that neighbouring windows share."""
        return round(self.size * self.part)

    @property
    def name(self) -> str:
        """For tables, and for what is kept."""
        shared = f"{self.part:g} {self.mode}" if self.part else "0"
        return f"{self.size} | {shared} | {self.cut}"

    @property
    def plain(self) -> "Rule":
        """The same windows without overlap, which this is compared with."""
        return Rule(self.size)


SIZES = (30, 62, 126)
WHOLE = 510
"""All positions of the model but those of the special tokens."""
HALF = 0.5


def all_rules() -> list[Rule]:
    """Every combination that is measured."""
    rules = [Rule(size) for size in (*SIZES, 254, WHOLE)]
    for size in SIZES:
        rules += [Rule(size, 1 / 8)]
        for part in (1 / 4, HALF):
            rules += [Rule(size, part, mode) for mode in ("average", "weighted", "max_context")]
        for cut in ("word", "sentence", "even"):
            rules += [Rule(size, cut=cut), Rule(size, HALF, cut=cut)]
    return rules
