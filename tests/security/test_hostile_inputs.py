"""Small inputs that unfold to more than any machine holds: each is refused in one line, before it is unfolded."""

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foldformer.config import ConfigurationError
from foldformer.corpus.inputs import BadRecord, Input, InputOptions
from foldformer.corpus.inputs.fields import KeptKey, Keys
from foldformer.corpus.inputs.parquet_pages import read_pages
from foldformer.text.archives import FileContentError, is_archive
from foldformer.text.bounded_streams import open_xz
from foldformer.text.text_files import read_lines
from foldformer.training.predictors import Predictor

MB = 10**6


@pytest.fixture(autouse=True)
def one_megabyte(monkeypatch):
    monkeypatch.setenv("FOLDFORMER_MAX_RECORD_MB", "1")


def refused(path, match, most=40 * MB, **options):
    """The last thing that is found is a refusal in one line, and memory stays bounded on the way to it."""
    pool = pa.default_memory_pool()
    before = pool.bytes_allocated()
    tracemalloc.start()
    found = list(Input([str(path)], InputOptions(**options)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found[-1], BadRecord)
    assert match in found[-1].reason
    assert "\n" not in str(found[-1])
    assert peak + pool.bytes_allocated() - before < most
    return found[:-1]


PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": pa.Codec("zstd").compress}


@pytest.mark.parametrize(
    ("name", "ending"),
    [*(("a.jsonl", each) for each in PACK), *((f"a.{each}", "gz") for each in ("txt", "csv", "tsv"))],
)
def test_line_without_end_is_refused_after_what_stands_before_it(tmp_path, ending, name):
    start = {
        "a.jsonl": b'{"text": "first"}\n',
        "a.txt": b"first\n",
        "a.csv": b"text\nfirst\n",
        "a.tsv": b"text\nfirst\n",
    }[name]
    path = tmp_path / f"{name}.{ending}"
    path.write_bytes(bytes(memoryview(PACK[ending](start + b" " * (20 * MB)))))
    (first,) = refused(path, "FOLDFORMER_MAX_RECORD_MB", most=15 * MB)
    assert first.text == "first"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.csv", b'"\n'),
        ("a.conllu", b"1\tx" + b"\t_" * 8 + b"\n"),
        ("a.conllu", b"#\n"),
    ],
)
def test_record_of_short_lines_without_end_is_refused(tmp_path, monkeypatch, name, line):
    monkeypatch.setenv("FOLDFORMER_MAX_RECORD_MB", "0.1")
    start = b"text\n" if name == "a.csv" else b""
    body = line * (MB // 5 // len(line)) if line != b'"\n' else line + b"\n" * (MB // 5)
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(start + body))
    refused(tmp_path / f"{name}.gz", "FOLDFORMER_MAX_RECORD_MB", most=6 * MB)


def test_file_that_is_one_document_is_bounded(tmp_path):
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"a" * 30 * MB))
    refused(tmp_path / "a.txt.gz", "FOLDFORMER_MAX_RECORD_MB", most=15 * MB, format="files")


def test_records_up_to_the_bound_are_free(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_bytes((b"a" * (MB - 1) + b"\n") * 3)
    assert [len(record.text) for record in Input([str(tmp_path / "a.txt")])] == [MB - 1] * 3
    monkeypatch.setenv("FOLDFORMER_MAX_RECORD_MB", "0.5")
    refused(tmp_path / "a.txt", "more than 0.5 MB", most=5 * MB)


@pytest.fixture
def looped(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("text\n")
    for name in ("x", "y"):
        (folder / name).symlink_to(folder)
    return folder


def test_links_to_their_own_folder_are_not_followed_without_end(looped):
    with pytest.raises(ConfigurationError, match=r"/x: got a link to a folder that it lies in"):
        Input([f"{looped}/**/*.txt"])
    assert [each.text for each in Input([str(looped)])] == ["text\n"]
    for name in ("x", "y"):
        (looped / name).unlink()
    (looped / "x").mkdir()
    (looped / "y").symlink_to(looped / "x")  # a link to another folder is followed, as ever
    (looped / "x" / "b.txt").write_text("more\n")
    assert len(Input([f"{looped}/**/*.txt"]).sources) == 3


def test_archive_with_links_to_its_own_folder_is_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        for name in ("x", "y"):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, "."
            archive.addfile(link)
    with pytest.raises(ConfigurationError, match="may be hostile"):
        Input([f"{tmp_path}/a.tar.gz!**/*.txt"])


@pytest.mark.parametrize("line", ["[" * 10**5, '{"sentence": ' + "1" * 5000 + "}", "{"])
def test_line_for_a_predictor_is_refused_in_one_line(line):
    with pytest.raises(ConfigurationError, match="expected a JSON object") as caught:
        Predictor.load_line(None, line)
    assert "\n" not in str(caught.value)


def test_line_of_a_readers_file_is_bounded(tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b"first\n" + b"a" * 30 * MB))
    lines = read_lines(tmp_path / "a.jsonl.gz")
    assert next(lines).text == "first"
    with pytest.raises(FileContentError, match=r"a.jsonl.gz:2: .*FOLDFORMER_MAX_RECORD_MB"):
        next(lines)


def greedy():
    """Its header says that a gigabyte is to be taken."""
    return b"\x5d" + (1 << 30).to_bytes(4, "little") + lzma.compress(b"a\n" * 10, lzma.FORMAT_ALONE)[5:]


def test_dictionary_of_xz_is_bounded(tmp_path):
    (tmp_path / "a.txt.lzma").write_bytes(greedy())
    refused(tmp_path / "a.txt.lzma", "Memory usage limit", most=5 * MB)
    with pytest.raises(FileContentError, match="Memory usage limit"):
        list(read_lines(tmp_path / "a.txt.lzma"))
    assert not is_archive(tmp_path / "a.txt.lzma")
    with pytest.raises(lzma.LZMAError, match="Memory usage limit"):  # in a second stream too
        open_xz(io.BytesIO(lzma.compress(b"fine") + greedy())).read()


def test_xz_of_several_streams_with_padding_is_read_whole():
    content = lzma.compress(b"one\n") + bytes(8) + lzma.compress(b"two\n" * 10**5) + bytes(4)
    assert open_xz(io.BytesIO(content)).read() == b"one\n" + b"two\n" * 10**5
    assert open_xz(io.BytesIO(lzma.compress(b"alone", lzma.FORMAT_ALONE))).read() == b"alone"
    for cut in (b"", content[:-40]):
        with pytest.raises(EOFError):
            open_xz(io.BytesIO(cut)).read()


def bomb(path, column, **options):
    pq.write_table(
        pa.table({"text": column}),
        path,
        **{"compression": "zstd", "use_dictionary": True, "write_statistics": False, "store_schema": False}
        | {"data_page_size": 1 << 30, "dictionary_pagesize_limit": 1 << 30, "max_rows_per_page": 1 << 30}
        | options,
    )
    assert path.stat().st_size < 10**5
    return path


def same(value, times):
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), times), pa.array([value]))


def lists(values, *lengths):
    offsets = [sum(lengths[:i]) for i in range(len(lengths) + 1)]
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


def test_value_that_stands_in_every_row_is_held_once(tmp_path):
    path = bomb(tmp_path / "a.parquet", same("a" * 900_000, 256))
    assert [len(record.text) for record in Input([str(path)])] == [900_000] * 256
    documents, before = iter(Input([str(path)])), pa.total_allocated_bytes()
    next(documents)
    assert pa.total_allocated_bytes() - before < 20 * MB  # a quarter of a gigabyte, if each had its own


def test_value_larger_than_a_record_is_refused(tmp_path):
    refused(bomb(tmp_path / "a.parquet", same("a" * 25 * MB, 256)), "FOLDFORMER_MAX_RECORD_MB")
    refused(bomb(tmp_path / "b.parquet", pa.array(["a" * 25 * MB]), use_dictionary=False), "FOLDFORMER_MAX_RECORD_MB")


def test_list_that_repeats_one_long_word_is_refused(tmp_path):
    path = bomb(tmp_path / "a.parquet", lists(same("a" * 10**5, 1001), 1, 1000).cast(pa.list_(pa.string())))
    (first,) = [*refused(path, "FOLDFORMER_MAX_RECORD_MB")][:1] or [None]
    assert first is None  # both rows are of one batch


def test_list_of_more_values_than_its_bytes_can_mean_is_refused_whatever_the_footer_says(tmp_path):
    number = 3 * MB
    path = bomb(tmp_path / "a.parquet", lists(same("aa", number), number).cast(pa.list_(pa.string())))
    refused(path, "lists in the column")
    content, honest = path.read_bytes(), varint(number)
    footer = content.index(b"schema")  # what stands before is read by the header of the page
    forged = content[footer:].replace(honest, bytes([0x82, *[0x80] * (len(honest) - 2), 0]))
    path.write_bytes(content[:footer] + forged)
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).num_values == 1
    refused(path, "lists in the column")


def varint(value):
    value, content = value << 1, []
    while value > 127:
        content.append(value & 127 | 128)
        value >>= 7
    return bytes([*content, value])


def test_values_that_take_over_their_beginning_are_read_one_by_one(tmp_path):
    texts = ["a" * 900_000 + str(i) for i in range(64)]
    options = {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}
    path = bomb(tmp_path / "a.parquet", pa.array(texts), **options)
    assert [record.text for record in Input([str(path)])] == texts
    words = {"use_dictionary": False, "column_encoding": {"text.list.element": "DELTA_BYTE_ARRAY"}}
    refused(bomb(tmp_path / "b.parquet", pa.array([texts]), **words), "DELTA_BYTE_ARRAY")


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_pages_are_found_as_arrow_finds_them(tmp_path, version, dictionary):
    texts = [f"{i % 700} " * (i % 50) for i in range(5000)]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": texts}), path, data_page_version=version, use_dictionary=dictionary,
                   data_page_size=2000, write_page_checksum=True)  # fmt: skip
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(0)
    start = chunk.dictionary_page_offset if dictionary else chunk.data_page_offset
    with path.open("rb") as file:
        pages = list(read_pages(file, start, chunk.total_compressed_size))
    assert sum(page.num_values for page in pages) == 5000
    assert [page.is_dictionary for page in pages].count(True) == dictionary
    assert 0 < chunk.total_uncompressed_size - sum(page.unfolded for page in pages) < 300 * len(pages)  # the headers
    assert [record.text for record in Input([str(path)])] == texts


def test_columns_of_every_kind_come_out_the_same_as_from_a_table(tmp_path):
    table = pa.table({
        "text": ["one", None, "two"],
        "words": [["a", "b"], [], None],
        "nested": [{"x": ["p", "q"], "y": 1}, None, {"x": None, "y": 2}],
        "number": [1, 2, 3],
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    keys = Keys(keep=(KeptKey("nested", "json"), KeptKey("number", "int64"), KeptKey("words", "json")))
    first, bad, last = Input([str(tmp_path / "a.parquet")], InputOptions(keys=keys))
    assert first.kept == ('{"x": ["p", "q"], "y": 1}', 1, '["a", "b"]')
    assert isinstance(bad, BadRecord)
    assert (last.text, last.kept[1]) == ("two", 3)


def arrow(path, table, *, is_file, **options):
    options = pa.ipc.IpcWriteOptions(**options)
    new = pa.ipc.new_file if is_file else pa.ipc.new_stream
    with pa.OSFile(str(path), "wb") as sink, new(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return path


@pytest.mark.parametrize("is_file", [True, False])
@pytest.mark.parametrize("codec", ["zstd", "lz4", None])
def test_arrow_that_unfolds_to_more_than_its_bytes_can_mean_is_refused(tmp_path, is_file, codec):
    honest = pa.table({"text": [f"text {i}" for i in range(1000)]})
    path = arrow(tmp_path / "a.arrow", honest, is_file=is_file, compression=codec)
    assert [each.text for each in Input([str(path)])] == honest["text"].to_pylist()
    shared = pa.table({"text": same("word", 1000)})
    path = arrow(tmp_path / "b.arrow", shared, is_file=is_file, compression=codec)
    assert len(list(Input([str(path)]))) == 1000
    if codec is not None:
        bomb = pa.table({"text": ["a" * 200_000] * 100, "other": pa.nulls(100)})
        path = arrow(tmp_path / "c.arrow", bomb, is_file=is_file, compression=codec)
        if codec == "zstd":  # lz4 makes no such bombs
            refused(path, "compressed columns", most=5 * MB)
        large = pa.table({"text": same("a" * 25 * MB, 10)})
        refused(arrow(tmp_path / "d.arrow", large, is_file=is_file, compression=codec), "FOLDFORMER_MAX_RECORD_MB")


@pytest.mark.parametrize("is_file", [True, False])
def test_arrow_from_a_pipe_is_read_and_bounded_alike(tmp_path, is_file, monkeypatch):
    def piped(table):
        content = arrow(tmp_path / "a.arrow", table, is_file=is_file, compression="zstd").read_bytes()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(OnlyForwards(content)))
        return list(Input(["-"], InputOptions(format="arrow")))

    class OnlyForwards(io.BytesIO):
        seek = property()

        def seekable(self):
            return False

    assert [each.text for each in piped(pa.table({"text": ["a", "b"]}))] == ["a", "b"]
    (bomb,) = piped(pa.table({"text": same("a" * 25 * MB, 10)}))
    assert "FOLDFORMER_MAX_RECORD_MB" in bomb.reason


def test_arrow_file_that_is_cut_off_between_two_messages_says_so(tmp_path):
    path = arrow(tmp_path / "a.arrow", pa.table({"text": ["a"] * 3}), is_file=True)
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"\xff\xff\xff\xff\0\0\0\0")])
    *whole, last = Input([str(path)])
    assert [each.text for each in whole] == ["a"] * 3
    assert "cut off" in last.reason


@pytest.mark.parametrize("is_file", [True, False])
def test_damaged_arrow_is_one_line(tmp_path, is_file):
    path = arrow(tmp_path / "a.arrow", pa.table({"text": ["a"] * 100}), is_file=is_file, compression="zstd")
    content = path.read_bytes()
    for cut in range(0, len(content), 7):
        path.write_bytes(content[:cut] + b"\xff" * 8 + content[cut + 8 :])
        for found in Input([str(path)]):
            assert "\n" not in str(found)


def test_values_that_look_at_one_text_are_counted_each(tmp_path):
    texts = lists(pa.array(["a" * 1000] * 2000).cast(pa.string_view()), 2000)
    refused(arrow(tmp_path / "a.arrow", pa.table({"text": texts}), is_file=True), "a row")
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([5], pa.int32()), pa.array(["a"]))
    refused(arrow(tmp_path / "b.arrow", pa.table({"text": runs}), is_file=True), "run_end_encoded")
    fine = pa.table({"text": pa.array(["a", "b"]).cast(pa.string_view())})
    assert [each.text for each in Input([str(arrow(tmp_path / "c.arrow", fine, is_file=True))])] == ["a", "b"]


def test_forged_page_sizes_are_refused(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["abc"] * 10}), path, compression="none", use_dictionary=False)
    content = bytearray(path.read_bytes())
    assert content[4:6] == b"\x15\x00"
    content[7] |= 1  # zigzag: the size is negative now
    path.write_bytes(content)
    refused(path, "negative")


def test_zip_at_a_url_is_read_by_bounded_lines(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.bin", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", "a" * 30 * MB)
    lines = read_lines(tmp_path / "a.bin")
    with pytest.raises(FileContentError, match="FOLDFORMER_MAX_RECORD_MB"):
        next(lines)
