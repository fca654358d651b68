"""What a reader finds in an input: a record, or the reason why there is none."""

from dataclasses import dataclass
from typing import Any

from foldformer.embedding.cutting import Document
from foldformer.embedding.spans import Spanned

Text = str | list[str]
"""A document: running text, or the words that the corpus has cut it into."""


@dataclass(frozen=True, slots=True)
class Record:
    """One document of the input.

    Args:
        position: Counted from 0 over the whole input; records that cannot be read count too.
        id: As the input gives it, otherwise the position.
        text: Running text or words.
        kept: Values to carry through, one for each kept key.
        spans: Half-open spans that get a vector; None where the record names none.
    """

    position: int
    id: str
    text: Text
    kept: tuple[Any, ...] = ()
    spans: tuple[tuple[int, int], ...] | None = None

    @property
    def document(self) -> Document:
        """What is embedded."""
        return self.text if self.spans is None else Spanned(self.text, self.spans)

    @property
    def num_bytes(self) -> int:
        """Length of the text in UTF-8."""
        return len(self.text.encode()) if isinstance(self.text, str) else sum(len(word.encode()) for word in self.text)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A place of the input that cannot be embedded.

    Args:
        position: As in `Record`.
        place: File and line, or file and row.
        reason: What came, and what was expected.
    """

    position: int
    place: str
    reason: str

    def __str__(self) -> str:
        """The line a user reads."""
        return f"{self.place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Found:
    """A record as the reader of one file finds it, before it has a position.

    Args:
        place: As in `BadRecord`.
        id: None where the input has none.
        text: As in `Record`.
        kept: As in `Record`.
        spans: As in `Record`.
    """

    place: str
    id: str | None
    text: Text
    kept: tuple[Any, ...] = ()
    spans: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """What the reader of one file cannot make a record of.

    Args:
        place: As in `BadRecord`.
        reason: As in `BadRecord`.
    """

    place: str
    reason: str


class RecordError(ValueError):
    """Something in one record is not as it should be; the message does not say where the record stands."""
