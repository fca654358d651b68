import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foldformer.config import ConfigurationError
from foldformer.corpus.inputs import KeptKey, Record
from foldformer.corpus.output.part_writer import PartWriter
from foldformer.corpus.output.storage import Storage, quantized
from foldformer.embedding.embedded_document import EmbeddedDocument

DIM = 6


def document(num_pieces: int, seed: int, with_places: bool = True, scale: float = 1.0) -> EmbeddedDocument:
    generator = np.random.default_rng(seed)
    starts = np.arange(num_pieces, dtype=np.int32) * 3
    return EmbeddedDocument(
        pieces=[f"p{seed}.{i}" for i in range(num_pieces)],
        starts=starts if with_places else None,
        ends=starts + 2 if with_places else None,
        vectors=scale * generator.standard_normal((num_pieces, DIM), dtype=np.float32),
        num_wordpieces=num_pieces,
        num_segments=seed,
    )


DOCUMENTS = [document(3, 0), document(0, 1), document(2, 2, with_places=False), document(9, 3), document(1, 4)]
RECORDS = [Record(i, f"id{i}", "text", (f"k{i}" if i else None, i)) for i in range(len(DOCUMENTS))]
KEEP = (KeptKey("name"), KeptKey("year", "int64"))


def written(path: Path, dtype: str, row_group_bytes: int = 2**20) -> pa.Table:
    with PartWriter(path, Storage(DIM, dtype, KEEP), {"model": "m"}, row_group_bytes) as writer:
        for record, embedded in zip(RECORDS, DOCUMENTS, strict=True):
            writer.add(record, embedded)
    return pq.read_table(path)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_what_is_written_is_read_again(dtype, tmp_path):
    rows = written(tmp_path / "a.parquet", dtype).to_pylist()
    for row, record, embedded in zip(rows, RECORDS, DOCUMENTS, strict=True):
        assert (row["id"], row["name"], row["year"]) == (record.id, *record.kept)
        assert row["pieces"] == embedded.pieces
        assert row["starts"] == (None if embedded.starts is None else embedded.starts.tolist())
        assert row["ends"] == (None if embedded.ends is None else embedded.ends.tolist())
        assert row["vectors"] == embedded.vectors.astype(dtype).tolist()
        assert row["num_segments"] == embedded.num_segments


def test_schema_is_that_of_the_documentation(tmp_path):
    schema = written(tmp_path / "a.parquet", "float32").schema
    assert schema.names == ["id", "pieces", "starts", "ends", "vectors", "num_segments", "name", "year"]
    vectors = schema.field("vectors").type
    assert pa.types.is_list(vectors)
    assert vectors.value_type.list_size == DIM
    assert vectors.value_type.value_type == pa.float32()
    assert schema.field("starts").type.value_type == pa.int32()
    assert json.loads(schema.metadata[b"foldformer"]) == {"model": "m"}


def test_int8_comes_near_with_its_scale(tmp_path):
    rows = written(tmp_path / "a.parquet", "int8").to_pylist()
    for row, embedded in zip(rows, DOCUMENTS, strict=True):
        numbers = [np.frombuffer(each, np.int8).astype(np.float32) for each in row["vectors"]]
        assert len(numbers) == len(embedded.pieces)
        for vector, scale, original in zip(numbers, row["scales"], embedded.vectors, strict=True):
            # rounding errs by half a step at most
            np.testing.assert_allclose(vector * scale, original, atol=0.5001 * scale)
            assert abs(vector).max() == 127


def test_vector_of_zeros_is_quantized_to_zeros():
    numbers, scales = quantized(np.zeros((2, DIM), np.float32))
    assert not numbers.any()
    assert not scales.any()


def test_row_groups_end_at_the_limit_and_the_bytes_repeat(tmp_path):
    limit = 4 * DIM * 4  # four vectors
    table = written(tmp_path / "a.parquet", "float32", limit)
    metadata = pq.read_metadata(tmp_path / "a.parquet")
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [2, 1, 1, 1]
    written(tmp_path / "b.parquet", "float32", limit)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert table.equals(written(tmp_path / "c.parquet", "float32"))


def test_part_without_rows_is_a_table_without_rows(tmp_path):
    with PartWriter(tmp_path / "a.parquet", Storage(DIM), {}):
        pass
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 0


def test_numbers_too_large_for_float16_are_refused_and_not_made_infinite(tmp_path):
    large = EmbeddedDocument(["p"], None, None, np.full((1, DIM), 1e5, np.float32), 1, 1)
    with (
        pytest.raises(ConfigurationError, match="cannot hold 100000,"),
        PartWriter(tmp_path / "a.parquet", Storage(DIM), {}) as writer,
    ):
        writer.add(RECORDS[0], large)


def test_int8_refuses_what_has_no_scale(tmp_path):
    spoiled = EmbeddedDocument(["p"], None, None, np.full((1, DIM), np.nan, np.float32), 1, 1)
    with (
        pytest.raises(ConfigurationError, match="infinity or NaN"),
        PartWriter(tmp_path / "a.parquet", Storage(DIM, "int8"), {}) as writer,
    ):
        writer.add(RECORDS[0], spoiled)


def test_error_on_the_way_does_not_write_what_was_waiting(tmp_path):
    def fail_behind_the_first_row() -> None:
        with PartWriter(tmp_path / "a.parquet", Storage(DIM, keep=KEEP), {}) as writer:
            writer.add(RECORDS[0], DOCUMENTS[0])
            raise KeyError

    with pytest.raises(KeyError):
        fail_behind_the_first_row()
    assert pq.read_metadata(tmp_path / "a.parquet").num_rows == 0


def test_choices_are_checked():
    with pytest.raises(ConfigurationError, match=r'"float61".*did you mean "float16"'):
        Storage(DIM, "float61")
    with pytest.raises(ConfigurationError, match="every key once"):
        Storage(DIM, "float16", (KeptKey("a"), KeptKey("a", "int64")))
