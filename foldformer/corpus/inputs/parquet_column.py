"""A column of a Parquet file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.corpus.inputs.fields import Keys
from foldformer.corpus.inputs.record import Found, RecordError, Refused
from foldformer.corpus.inputs.sources import Source
from foldformer.text.archives import FileContentError

ROWS_AT_ONCE = 256


def read_parquet(source: Source, binary: IO[bytes], keys: Keys) -> Iterator[Found | Refused]:
    """Make a document of each row, some hundred rows in memory at a time.

    Raises:
        FileContentError: It is no Parquet file, or does not have each column once.
    """
    with _damage_named(source):
        file = pq.ParquetFile(binary)
        names = file.schema_arrow.names
        wanted = [keys.text, *([keys.id] if keys.id else []), *(key.name for key in keys.keep)]
        _check_columns(source, wanted, names)
        row = 0
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=list(dict.fromkeys(wanted))):
            for i in range(batch.num_rows):
                yield _record(batch, i, f"{source.name}, row {row}", keys)
                row += 1


def _check_columns(source: Source, wanted: Sequence[str], names: Sequence[str]) -> None:
    for name in wanted:
        if name not in names:
            raise FileContentError(
                f"{source.name}: got the columns {one_of(names, 'and')}; expected one named {show(name)}"
                f"{did_you_mean(name, names)}"
            )
        if names.count(name) > 1:
            raise FileContentError(
                f"{source.name}: got {names.count(name)} columns named {show(name)}; expected one; rename the others"
            )


def _record(batch: pa.RecordBatch, i: int, place: str, keys: Keys) -> Found | Refused:
    try:
        return keys.take({name: _value(batch.column(name)[i], name) for name in batch.schema.names}, place)
    except RecordError as error:
        return Refused(place, str(error))


def _value(scalar: pa.Scalar, name: str) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError as error:
        raise RecordError(f"got bytes in the column {show(name)} that are no UTF-8 ({error.reason})") from error


@contextmanager
def _damage_named(source: Source) -> Iterator[None]:
    try:
        yield
    except pa.ArrowException as error:
        reason = str(error).split("\n", 1)[0]
        raise FileContentError(f"{source.name}: got what cannot be read as Parquet ({reason})") from error
