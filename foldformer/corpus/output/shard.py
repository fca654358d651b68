"""One of several runs that share an input, and the names of the files that only it writes."""

from dataclasses import dataclass

from foldformer.config import ConfigurationError
from foldformer.config.nearest import show

_MOST_DIGITS = 12


@dataclass(frozen=True)
class Shard:
    """One of several runs that share an input: it makes every `count`-th part.

    Args:
        number: Counted from 1.
        count: How many runs there are.
    """

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read `I/N`.

        Raises:
            ConfigurationError: It is something else.
        """
        number, slash, count = text.partition("/")
        short = max(len(number), len(count)) <= _MOST_DIGITS
        if slash and short and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count):
            return cls(int(number), int(count))
        raise ConfigurationError(f"--shard: got {show(text)}; expected I/N with I from 1 to N, as in 3/8")

    @property
    def suffix(self) -> str:
        """What stands in the names of the files that only this shard has."""
        return f"-{self.number}-of-{self.count}"

    def has(self, index: int) -> bool:
        """Whether this shard makes the part with this index."""
        return index % self.count == self.number - 1

    def __str__(self) -> str:
        """As on the command line."""
        return f"{self.number}/{self.count}"


@dataclass(frozen=True)
class ListNames:
    """Names of the files beside the parts. They begin with `_`, so that readers of Parquet folders pass over them.

    Args:
        shard: Whose; None for those of a whole run, or of all shards joined.
    """

    shard: Shard | None = None

    @property
    def suffix(self) -> str:
        """What tells the files of shards apart."""
        return "" if self.shard is None else self.shard.suffix

    @property
    def manifest(self) -> str:
        """The manifest; see `Manifest`."""
        return f"_manifest{self.suffix}.json"

    @property
    def journal(self) -> str:
        """Parts that the manifest does not know yet; see `Ledger`."""
        return f"_journal{self.suffix}.jsonl"

    @property
    def errors(self) -> str:
        """Records that could not be embedded; see `SkippedList`."""
        return f"_errors{self.suffix}.jsonl"
