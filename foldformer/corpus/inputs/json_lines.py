"""Files with one JSON object on each line."""

import json
from collections.abc import Iterator
from typing import Any

from foldformer.config.nearest import show
from foldformer.corpus.inputs.fields import Keys
from foldformer.corpus.inputs.lines import decoded_lines
from foldformer.corpus.inputs.record import Found, RecordError, Refused
from foldformer.corpus.inputs.sources import Source
from foldformer.text.bounded_streams import BoundedReader


def read_json_lines(source: Source, binary: BoundedReader, keys: Keys) -> Iterator[Found | Refused]:
    """Make a document of each line, whatever the others hold."""
    for place, _, line in decoded_lines(source, binary):
        if isinstance(line, Refused):
            yield line
            continue
        try:
            yield keys.take(_parsed(line), place)
        except RecordError as error:
            yield Refused(place, str(error))


def _parsed(line: str) -> dict[str, Any]:
    if not line.strip():
        raise RecordError("got an empty line; expected a JSON object")
    try:
        value = json.loads(line)
    except RecursionError as error:
        raise RecordError("got JSON that is nested too deeply to read; expected an object with text in it") from error
    except json.JSONDecodeError as error:
        raise RecordError(f"got malformed JSON ({error.msg} at character {error.pos + 1}){_hint(line)}") from error
    except ValueError as error:  # an integer of thousands of digits
        raise RecordError(f"got JSON that cannot be read ({error})") from error
    if not isinstance(value, dict):
        raise RecordError(f"got {show(value)}; expected a JSON object{_hint(line)}")
    return value


def _hint(line: str) -> str:
    """What to do about a file that is JSON, but no lines of it: one array, or objects over many lines."""
    text = line.strip()
    if text.startswith("[") or text == "{":
        return (
            "; expected JSON lines, a whole object on each: jq -c '.[]' FILE makes them of an array, jq -c . of others"
        )
    return ""
