"""What readers share: lines of many files, JSON lines, labels that are all there or not at all."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of
from foldformer.data.dataset_readers.dataset_reader import DatasetReaderInput
from foldformer.data.fields import Field, MetadataField, SequenceLabelField, TextField
from foldformer.data.instance import Instance
from foldformer.data.token_indexer import TokenIndexer
from foldformer.text import Token
from foldformer.text.files import LocalFile, matching_files
from foldformer.text.text_files import Line, read_lines

Record = dict[str, Any]
TokenIndexers = Mapping[str, TokenIndexer]
_BLANKS = re.compile("[ \t]+")
BLANKS = " \t"
"""What separates columns and words. A no-break space is a character like any other: it stands inside of numbers."""


def default_token_indexers() -> dict[str, TokenIndexer]:
    """One indexer, `tokens`, that looks words up in the vocabulary."""
    return {"tokens": TokenIndexer.by_name("single_id")()}


def data_files(file_path: DatasetReaderInput) -> Iterator[LocalFile]:
    """Find the files behind a path, glob or URL, or a list of them, in the order of the list.

    Raises:
        FileNotFoundError: Nothing is there.
        ConfigurationError: The reader takes no files with names.
    """
    if isinstance(file_path, Mapping):
        raise ConfigurationError(
            f"data path: got files by name ({one_of(list(file_path), 'and')}); this reader expected a path or a list"
        )
    for one in [file_path] if isinstance(file_path, (str, PathLike)) else file_path:
        yield from matching_files(one)


def data_lines(file_path: DatasetReaderInput) -> Iterator[Line]:
    """Read the lines of all files, blank ones too, with one more blank line after each file.

    So a sentence ends with its file even where the file does not end as it should.
    """
    for file in data_files(file_path):
        number = 0
        for line in read_lines(file):
            number = line.number
            yield line
        yield Line("", number + 1, file.name)


def split_at_blanks(text: str) -> list[str]:
    """Cut at blanks and tabs, and at no other space that Unicode knows."""
    return [piece for piece in _BLANKS.split(text) if piece]


def columns_of(line: Line, least: int) -> list[str]:
    """Cut a line into columns: at tabs, where that gives enough of them, otherwise at blanks too.

    Args:
        line: The line.
        least: How many columns the format has.
    """
    columns = [column.strip(BLANKS) for column in line.text.split("\t")]
    return columns if len(columns) >= least and all(columns) else split_at_blanks(line.text)


def filled_lines(file_path: DatasetReaderInput) -> Iterator[Line]:
    """Read the lines of all files that are not blank."""
    return (line for line in data_lines(file_path) if line.text.strip())


def json_record(line: Line) -> Record:
    """Read the JSON object on a line.

    Raises:
        FileContentError: There is none.
    """
    try:
        record = json.loads(line.text)
    except json.JSONDecodeError as error:
        raise line.error(
            f"got no JSON ({error.msg} at column {error.colno}); expected one JSON object on every line"
        ) from error
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits, or lists in lists in lists
        raise line.error(f"got JSON that cannot be read ({error})") from error
    if not isinstance(record, dict):
        cure = "; write one object a line (jq -c '.[]')" if isinstance(record, list) else ""
        raise line.error(f"got a JSON {type(record).__name__}; expected one JSON object on every line{cure}")
    return record


def json_text(record: Record, key: str, line: Line) -> str:
    """Get a string out of a record.

    Raises:
        FileContentError: It is not there, or is no string.
    """
    if key not in record:
        raise line.error(f'got the keys {one_of(list(record), "and")}; expected "{key}"{did_you_mean(key, record)}')
    value = record[key]
    if not isinstance(value, str):
        raise line.error(f"{key}: got {json.dumps(value)[:60]}; expected a string")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise line.error(
            f"{key}: got half a surrogate pair at character {error.start + 1}; expected Unicode"
        ) from error
    return value


class LabelRule:
    """Every instance of a file has a label, or none has; and where labels are required, every one has.

    Args:
        required: Whether labels are required.
        what: What to call the label in errors.
    """

    def __init__(self, required: bool, what: str = "label") -> None:
        self._required = required
        self._what = what
        self._first: tuple[bool, Line] | None = None

    def check(self, has_label: bool, line: Line) -> None:
        """Look at one instance.

        Raises:
            FileContentError: Its label is missing, or is there where others are missing.
        """
        if self._required and not has_label:
            raise line.error(f"got no {self._what}; expected one on every line of the data to train or evaluate on")
        if self._first is None:
            self._first = (has_label, line)
        had_label, first = self._first
        if has_label != had_label:
            raise line.error(
                f"got {'a' if has_label else 'no'} {self._what}, but {first.file}:{first.number} has "
                f"{'one' if had_label else 'none'}; expected one everywhere, or nowhere"
            )


def checked(lines: Iterable[Line], rule: LabelRule, key: str) -> Iterator[tuple[Line, Record]]:
    """Read the JSON objects of the lines, and hold their labels to the rule."""
    for line in lines:
        record = json_record(line)
        rule.check(record.get(key) is not None, line)
        yield line, record


def set_token_indexers(instance: Instance, token_indexers: TokenIndexers, *names: str) -> None:
    """Give the text fields of these names, as far as the instance has them, their indexers."""
    for name in names:
        field = instance.fields.get(name)
        if isinstance(field, TextField):
            field.token_indexers = token_indexers


def tagged_words(
    tokens: Sequence[Token], tags: Sequence[str] | None, label_namespace: str = "labels"
) -> dict[str, Field[Any]]:
    """Make the fields of a tagging instance: `tokens`, `metadata` with the `words`, and `tags` where they are known."""
    sequence = TextField(tokens)
    fields: dict[str, Field[Any]] = {
        "tokens": sequence,
        "metadata": MetadataField({"words": [token.text for token in tokens]}),
    }
    if tags is not None:
        fields["tags"] = SequenceLabelField(tags, sequence, label_namespace)
    return fields
