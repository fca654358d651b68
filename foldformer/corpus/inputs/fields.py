"""Take text, id and kept values out of the fields of one record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.corpus.inputs.record import Found, RecordError, Text

KEPT_TYPES = ("string", "int64", "float64", "bool", "json")
OUTPUT_COLUMNS = ("id", "pieces", "starts", "ends", "vectors", "scales", "num_segments")
INT64_LIMIT = 2**63
MOST_KEYS_SEEN = 1000
"""Of records whose keys are something like ids."""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A field that is carried through to the output.

    Args:
        name: Of the field and of the column.
        type: Of the column; "string" takes strings as they are and anything else as JSON, "json" takes all as JSON.
    """

    name: str
    type: str = "string"

    @classmethod
    def parse(cls, text: str) -> "KeptKey":
        """Read `KEY` or `KEY:TYPE`.

        Raises:
            ConfigurationError: The type is not known, or the name is that of a column of the output.
        """
        name, colon, kind = text.rpartition(":")
        if not colon:
            name, kind = text, "string"
        if kind not in KEPT_TYPES:
            raise ConfigurationError(
                f"--keep: got {show(text)}; expected KEY or KEY:TYPE with the type {one_of(KEPT_TYPES)}"
                f"{did_you_mean(kind, KEPT_TYPES)}"
            )
        if name in OUTPUT_COLUMNS:
            raise ConfigurationError(
                f"--keep: got {show(name)}, which is the name of a column of the output; expected another one; "
                "rename the field in the input"
            )
        return cls(name, kind)


@dataclass
class KeptWatch:
    """Notices kept keys that no record has, which are more often mistyped than rare.

    Args:
        keep: The kept keys.
    """

    keep: tuple[KeptKey, ...]
    num_records: int = 0
    _missing: set[str] = field(init=False)
    _others: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with all of them."""
        self._missing = {key.name for key in self.keep}

    def see(self, fields: Mapping[str, Any]) -> None:
        """Take note of the fields of a record."""
        self.num_records += 1
        if self._missing:
            self._missing.difference_update(fields)
            if len(self._others) < MOST_KEYS_SEEN:
                self._others.update(dict.fromkeys(map(str, fields)))

    def warnings(self) -> list[str]:
        """What to tell about every key that no record so far has; nothing where there was no record."""
        if not self.num_records:
            return []
        held = list(self._others)
        return [
            f"--keep: got {show(name)}, which none of {self.num_records:,} records so far has; expected a key among "
            f"{one_of(held) if held else 'none'}{did_you_mean(name, held)}"
            for name in sorted(self._missing)
        ]


@dataclass(frozen=True, slots=True)
class Keys:
    """Which fields of a record are used.

    Args:
        text: Holds the text: a string or a list of words.
        id: Holds the id; None numbers the records.
        keep: Carried through.
        watch: Sees the fields of every record.
        spans: Holds the spans that get a vector; None where records have none.
    """

    text: str = "text"
    id: str | None = None
    keep: tuple[KeptKey, ...] = ()
    watch: KeptWatch | None = field(default=None, compare=False, repr=False)
    spans: str | None = None

    @property
    def wanted(self) -> list[str]:
        """Names of all fields that are used, each once."""
        single = [name for name in (self.text, self.id, self.spans) if name]
        return list(dict.fromkeys([*single, *(key.name for key in self.keep)]))

    def take(self, fields: Mapping[str, Any], place: str, default_id: str | None = None) -> Found:
        """Make a record of the fields.

        Raises:
            RecordError: A field is missing, or is not of its kind.
        """
        text = checked_text(_field(fields, self.text))
        found_id = default_id if self.id is None else _id(_field(fields, self.id))
        spans = None if self.spans is None else checked_spans(_field(fields, self.spans), len(text))
        return Found(place, found_id, text, self.take_kept(fields), spans)

    def take_kept(self, fields: Mapping[str, Any]) -> tuple[Any, ...]:
        """Values of the kept fields; None where a record has none.

        Raises:
            RecordError: A value does not fit its column.
        """
        if self.watch is not None:
            self.watch.see(fields)
        return tuple(_kept(key, fields.get(key.name)) for key in self.keep)


def checked_text(value: Any) -> Text:
    """Take a string or a list of strings, all of which can be written as UTF-8.

    Raises:
        RecordError: It is something else.
    """
    if isinstance(value, str):
        _check_encodable(value)
        return value
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        for word in value:
            _check_encodable(word)
        return value
    raise RecordError(f"got {show(value)} as text; expected a string or a list of words")


def checked_spans(value: Any, length: int) -> tuple[tuple[int, int], ...]:
    """Take a list of pairs, or the same as JSON.

    Args:
        value: The list.
        length: Characters or words of the document.

    Raises:
        RecordError: It is something else, or a span goes beyond the document.
    """
    spans = value
    if isinstance(value, str):
        try:
            spans = json.loads(value)
        except ValueError:
            spans = None
    if not isinstance(spans, list) or not all(_is_span(span) for span in spans):
        raise RecordError(f"got {show(value)} as spans; expected a list of pairs such as [[0, 5], [6, 11]]")
    for start, end in spans:
        if not 0 <= start <= end <= length:
            raise RecordError(
                f"got the span [{start}, {end}]; expected 0 <= start <= end <= {length}, the text's length"
            )
    return tuple((start, end) for start, end in spans)


def _is_span(span: Any) -> bool:
    return isinstance(span, list) and len(span) == 2 and all(type(place) is int for place in span)


def _check_encodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise RecordError(
            f"got the lone surrogate U+{code:04X} at character {error.start}; expected text that is valid Unicode"
        ) from error


def _field(fields: Mapping[str, Any], key: str) -> Any:
    if key not in fields:
        names = [str(name) for name in fields]
        held = one_of(names, "and") if names else "nothing"
        raise RecordError(f"got a record with {held}; expected the key {show(key)}{did_you_mean(key, names)}")
    return fields[key]


def _id(value: Any) -> str:
    if isinstance(value, str):
        _check_encodable(value)
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < INT64_LIMIT:
        return str(value)
    raise RecordError(f"got {show(value)} as id; expected a string or an integer")


def _kept(key: KeptKey, value: Any) -> Any:
    if value is None:
        return None
    if key.type == "json" or (key.type == "string" and not isinstance(value, str)):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and key.type in ("string", "json"):
        _check_encodable(value)
        return value
    if key.type == "bool" and isinstance(value, bool):
        return value
    if key.type == "int64" and isinstance(value, int) and not isinstance(value, bool) and abs(value) < INT64_LIMIT:
        return value
    if key.type == "float64" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _as_float(value)
    raise RecordError(f"got {show(value)} for the kept key {show(key.name)}; expected {key.type}")


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise RecordError(f"got {show(value)}; expected a number that a float64 can hold") from error
