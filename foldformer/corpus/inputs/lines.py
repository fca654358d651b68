"""Text files with one document on each line, and files that are one document each."""

from collections.abc import Iterator

from foldformer.corpus.inputs.fields import Keys, checked_text
from foldformer.corpus.inputs.record import Found, RecordError, Refused
from foldformer.corpus.inputs.sources import Source
from foldformer.text.bounded_streams import BoundedReader

_BOM = b"\xef\xbb\xbf"


def read_text_lines(source: Source, binary: BoundedReader, keys: Keys) -> Iterator[Found | Refused]:
    """Make a document of each line; an empty line is an empty document."""
    for place, number, line in decoded_lines(source, binary):
        if isinstance(line, Refused):
            yield line
            continue
        try:
            kept = keys.take_kept({"file": source.name, "line": number})
            yield Found(place, None, checked_text(line), kept)
        except RecordError as error:
            yield Refused(place, str(error))


def read_whole_file(source: Source, binary: BoundedReader, keys: Keys) -> Iterator[Found | Refused]:
    """Make one document of the whole file; its name is the id."""
    try:
        kept = keys.take_kept({"file": source.name})
        checked_text(source.name)  # names that are no Unicode exist
        yield Found(source.name, source.name, checked_text(decode(binary.read().removeprefix(_BOM))), kept)
    except RecordError as error:
        yield Refused(source.name, str(error))


def decoded_lines(source: Source, binary: BoundedReader) -> Iterator[tuple[str, int, str | Refused]]:
    """Yield place, number (counted from 1) and text of each line, or why the line is no text."""
    for number, raw in enumerate(binary, start=1):
        place = f"{source.name}:{number}"
        data = raw.removeprefix(_BOM) if number == 1 else raw
        try:
            yield place, number, decode(data.removesuffix(b"\n").removesuffix(b"\r"))
        except RecordError as error:
            yield place, number, Refused(place, str(error))


def decode(raw: bytes) -> str:
    """Decode UTF-8.

    Raises:
        RecordError: It is something else.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        if b"\0" in raw:
            raise RecordError(
                "got binary data (a zero byte among what is no UTF-8); expected text, or a name whose ending says what "
                "it is (.parquet, .arrow, .gz, ...)"
            ) from error
        raise RecordError(
            f"got byte 0x{raw[error.start]:02x} at position {error.start + 1}; expected UTF-8 text; "
            "convert it (iconv -f LATIN1 -t UTF-8) or, if it is compressed, give its name the ending (.gz, .zst, ...)"
        ) from error
