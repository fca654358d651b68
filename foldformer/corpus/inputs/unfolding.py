"""How much of a Parquet file may be unfolded at a time."""

from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from foldformer.corpus.inputs.parquet_pages import DELTA_BYTE_ARRAY, PageError, read_pages
from foldformer.text.archives import FileContentError
from foldformer.text.extraction_limits import max_record_bytes, max_unfolded_bytes, too_large

_BYTES_PER_VALUE = 16
"""What a value of a list takes at most, beside its text: levels, an index, and what Arrow keeps while it reads."""
_LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
_FOLDABLE = {0, 2, 8}
"""The encodings PLAIN, PLAIN_DICTIONARY and RLE_DICTIONARY, which Arrow reads into a dictionary."""


@dataclass(frozen=True)
class ReadingPlan:
    """How a file is read, so that what it unfolds to at a time is bounded by the size of one record.

    Args:
        rows: How many rows at once.
        folded: The columns that are read as they are stored, each value once: text in which one value may stand for
            all.
    """

    rows: int
    folded: list[str]


def plan_reading(name: str, binary: IO[bytes], file: pq.ParquetFile, wanted: list[str], most: int) -> ReadingPlan:
    """Look through the pages of some columns.

    A value lies in one page. So rows, each of one value, lie in no more pages than there are of them.

    Args:
        name: Of the file, for errors.
        binary: Its bytes; pages are read from where they are, whatever the footer says of them.
        file: The same file, opened.
        wanted: The columns that are read.
        most: Rows at once where nothing is large.

    Raises:
        FileContentError: A page is too large, or holds more values in lists than its bytes could.
    """
    rows, folded = most, []
    for i in range(len(file.schema.names)):
        column = file.schema.column(i)
        if _is_of(column, wanted):
            encodings: set[int | None] = set()
            for group in range(file.metadata.num_row_groups):
                pages = _pages(name, binary, file.metadata.row_group(group).column(i))
                rows = min(rows, _rows(name, column, pages))
                encodings |= pages.encodings
            if column.physical_type == "BYTE_ARRAY" and encodings <= _FOLDABLE:
                folded.append(column.path)
    return ReadingPlan(rows, folded)


def check_kinds(name: str, schema: pa.Schema, wanted: list[str]) -> None:
    """Check that columns are of kinds whose size can be told before they are unfolded.

    Raises:
        FileContentError: One is run-end encoded, or a list of views.
    """
    for column in wanted:
        kinds = [schema.field(column).type]
        while kinds:
            kind = kinds.pop()
            if pa.types.is_run_end_encoded(kind) or pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
                raise FileContentError(
                    f'{name}: got the column "{column}" of {kind}; expected text, lists or numbers as they are; '
                    "cast it before it is written"
                )
            kinds += [kind.field(i).type for i in range(kind.num_fields)]


def check_unfolded(batch: pa.RecordBatch, place: str) -> None:
    """Check that no row is larger than it may be once each value stands where it belongs.

    Raises:
        FileContentError: One is.
    """
    limit = max_record_bytes()
    if sum(map(_most_bytes, batch.columns)) <= limit:
        return
    for row in range(batch.num_rows):
        if sum(map(_most_bytes, batch.slice(row, 1).columns)) > limit:
            raise too_large(place, "a row")


@dataclass(frozen=True)
class _Pages:
    stored: int
    unfolded: int
    largest: int
    num_values: int
    has_dictionary: bool
    encodings: set[int | None]


def _pages(name: str, binary: IO[bytes], chunk: Any) -> _Pages:
    starts = (chunk.data_page_offset, chunk.dictionary_page_offset if chunk.has_dictionary_page else None)
    start = min(offset for offset in starts if offset is not None)
    try:
        pages = list(read_pages(binary, start, chunk.total_compressed_size))
    except PageError as error:
        raise FileContentError(f"{name}: got what cannot be read as Parquet ({error})") from error
    sizes = [page.unfolded for page in pages]
    return _Pages(
        chunk.total_compressed_size,
        sum(sizes),
        max(sizes, default=0),
        sum(page.num_values for page in pages),
        any(page.is_dictionary for page in pages),
        {page.encoding for page in pages if page.num_values},
    )


def _rows(name: str, column: Any, pages: _Pages) -> int:
    limit, width = max_record_bytes(), column.length or 0
    if max(pages.largest, width) > limit or pages.unfolded > max_unfolded_bytes(pages.stored):
        raise too_large(name, f'pages of the column "{column.path}"')
    is_list = column.max_repetition_level > 0
    if is_list and max(_BYTES_PER_VALUE, width) * pages.num_values > max_unfolded_bytes(pages.stored):
        raise too_large(name, f'lists in the column "{column.path}"')
    repeats = DELTA_BYTE_ARRAY in pages.encodings or (pages.has_dictionary and not pages.encodings <= _FOLDABLE)
    if repeats and column.physical_type == "BYTE_ARRAY":
        if is_list:
            raise FileContentError(
                f'{name}: got the column "{column.path}", which holds lists in the encoding DELTA_BYTE_ARRAY or in '
                "several; expected PLAIN or a dictionary; write the file anew"
            )
        return 1  # each value may be as long as its page
    return max(1, limit // max(pages.largest, width, 1))


def _is_of(column: Any, wanted: list[str]) -> bool:
    path = column.path
    return any(path == name or path.startswith(f"{name}.") for name in wanted)


def _most_bytes(array: pa.Array) -> int:
    """A bound on what an array unfolds to."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        lengths = _most_bytes(array.dictionary) if len(array.dictionary) else 0
        return len(array) * min(lengths, _longest(array.dictionary))
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):  # which may all look at one text
        views = np.frombuffer(array.buffers()[1], np.int32).reshape(-1, 4)
        return int(views[array.offset : array.offset + len(array), 0].sum(dtype=np.int64)) + 16 * len(array)
    if pa.types.is_map(kind):
        return _most_bytes(array.keys) + _most_bytes(array.items)
    if pa.types.is_struct(kind) or any(each(kind) for each in _LISTS):
        children = array.flatten()
        return sum(map(_most_bytes, children if isinstance(children, list) else [children]))
    size: int = array.nbytes
    return size


def _longest(array: pa.Array) -> int:
    import pyarrow.compute as pc  # type: ignore[import-untyped]

    longest = pc.max(pc.binary_length(array)).as_py()
    return int(longest or 0)
