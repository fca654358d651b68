"""Tables as text, with a header: CSV and TSV."""

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from foldformer.corpus.inputs.fields import KeptKey, Keys
from foldformer.corpus.inputs.header import check_columns
from foldformer.corpus.inputs.lines import decoded_lines
from foldformer.corpus.inputs.record import Found, RecordError, Refused
from foldformer.corpus.inputs.sources import Source
from foldformer.text.bounded_streams import BoundedReader

LONGEST_FIELD = 2**30
"""Characters. Python's own limit is shorter than many a document."""
_BOOLS = {"true": True, "1": True, "false": False, "0": False}


def read_csv(source: Source, binary: BoundedReader, keys: Keys) -> Iterator[Found | Refused]:
    """Make a document of each row of a file whose fields are separated by commas, and quoted where they hold some."""
    return _read(source, binary, keys, ",")


def read_tsv(source: Source, binary: BoundedReader, keys: Keys) -> Iterator[Found | Refused]:
    """Make a document of each row of a file whose fields are separated by tabs, and quoted where they hold some."""
    return _read(source, binary, keys, "\t")


def _read(source: Source, binary: BoundedReader, keys: Keys, delimiter: str) -> Iterator[Found | Refused]:
    csv.field_size_limit(max(LONGEST_FIELD, csv.field_size_limit()))
    refused: list[Refused] = []
    rows = csv.reader(_lines(source, binary, refused), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    before = 0
    try:
        for row in rows:
            place, before = f"{source.name}:{before + 1}", rows.line_num
            if header is None and not refused:
                check_columns(source, keys.wanted, row)
                header = row
            elif refused:
                yield Refused(place, refused[0].reason)
                refused.clear()
            elif row:
                yield _record(place, header or [], row, keys)
    except csv.Error as error:
        yield Refused(
            f"{source.name}:{before + 1}", f"got a row that cannot be read ({error}); expected quotes in pairs"
        )


def _lines(source: Source, binary: BoundedReader, refused: list[Refused]) -> Iterator[str]:
    """Decode lines; one that is no text is empty, and its row is refused."""
    for _, _, line in decoded_lines(source, binary):
        if isinstance(line, Refused):
            refused.append(line)
        yield f"{'' if isinstance(line, Refused) else line}\n"


def _record(place: str, header: list[str], row: list[str], keys: Keys) -> Found | Refused:
    if len(row) != len(header):
        return Refused(place, f"got {len(row)} fields; expected {len(header)}, as many as the header has")
    try:
        return keys.take(_typed(dict(zip(header, row, strict=True)), keys.keep), place)
    except RecordError as error:
        return Refused(place, str(error))


def _typed(fields: dict[str, str], keep: tuple[KeptKey, ...]) -> Mapping[str, Any]:
    """Read what is carried through as its column wants it; what cannot be read stays text, and is refused as such."""
    return {**fields, **{key.name: _value(fields[key.name], key.type) for key in keep if key.name in fields}}


def _value(text: str, kind: str) -> Any:
    if kind in ("string", "json"):
        return text
    if not text.strip():
        return None
    if kind == "bool":
        return _BOOLS.get(text.strip().lower(), text)
    try:
        return int(text) if kind == "int64" else float(text)
    except ValueError:
        return text
