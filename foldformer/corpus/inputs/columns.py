"""A column of a Parquet or Arrow file."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from foldformer.config.nearest import show
from foldformer.corpus.inputs.arrow_messages import MessageStream
from foldformer.corpus.inputs.fields import Keys
from foldformer.corpus.inputs.header import check_columns
from foldformer.corpus.inputs.record import Found, RecordError, Refused
from foldformer.corpus.inputs.sources import Source
from foldformer.corpus.inputs.unfolding import check_kinds, check_unfolded, plan_reading
from foldformer.text.archives import FileContentError

ROWS_AT_ONCE = 256


def read_parquet(source: Source, binary: IO[bytes], keys: Keys) -> Iterator[Found | Refused]:
    """Make a document of each row, some hundred rows in memory at a time.

    Raises:
        FileContentError: It is no Parquet file, or does not have each column once.
    """
    with _damage_named(source, "Parquet"):
        file = pq.ParquetFile(binary)
        wanted = keys.wanted
        check_columns(source, wanted, file.schema_arrow.names)
        plan = plan_reading(source.name, binary, file, wanted, ROWS_AT_ONCE)
        folded = pq.ParquetFile(binary, metadata=file.metadata, read_dictionary=plan.folded)
        yield from _records(source, folded.iter_batches(batch_size=plan.rows, columns=wanted), keys)


def read_arrow(source: Source, binary: IO[bytes], keys: Keys) -> Iterator[Found | Refused]:
    """Make a document of each row of an Arrow file (Feather), or of a stream, as Hugging Face datasets save them.

    Raises:
        FileContentError: It is neither, or does not have each column once.
    """
    with _damage_named(source, "Arrow"):
        opened = pa.ipc.open_stream(MessageStream(source.name, binary))
        check_columns(source, keys.wanted, opened.schema.names)
        check_kinds(source.name, opened.schema, keys.wanted)
        yield from _records(source, (_valid(batch.select(keys.wanted)) for batch in opened), keys)


def _valid(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Check all that a batch says of where its values lie: a wrong offset would end the process."""
    batch.validate(full=True)
    return batch


def _records(source: Source, batches: Iterable[pa.RecordBatch], keys: Keys) -> Iterator[Found | Refused]:
    row = 0
    for batch in batches:
        check_unfolded(batch, f"{source.name}, from row {row}")
        for i in range(batch.num_rows):
            yield _record(batch, i, f"{source.name}, row {row}", keys)
            row += 1


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
def _damage_named(source: Source, kind: str) -> Iterator[None]:
    try:
        yield
    except pa.ArrowException as error:
        reason = str(error).split("\n", 1)[0]
        raise FileContentError(f"{source.name}: got what cannot be read as {kind} ({reason})") from error
