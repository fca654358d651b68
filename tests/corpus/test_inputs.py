import bz2
import gzip
import io
import json
import lzma
import os
import sys
import threading
import zipfile
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foldformer.config import ConfigurationError
from foldformer.corpus.inputs import BadRecord, Input, InputOptions, KeptKey, Keys, Record

CONLLU = """\
# newdoc id = a
# sent_id = a1
1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tvamos\tir\tVERB\t_\t_\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_
2.1\t_\t_\t_\t_\t_\t_\t_\t_\t_

# sent_id = a2
1\tYa\tya\tADV\t_\t_\t0\troot\t_\t_

# newdoc id = b
# sent_id = b1
1\tNo\tno\tINTJ\t_\t_\t0\troot\t_\t_
"""


def read(*inputs: object, keys: Keys | None = None, **options) -> list:
    return list(Input([str(each) for each in inputs], InputOptions(keys=keys or Keys(), **options)))


def texts(found: list) -> list:
    return [record.text for record in found]


def test_every_line_is_a_document_even_an_empty_one(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffone two\r\n\nthrée".encode())
    found = read(path)
    assert texts(found) == ["one two", "", "thrée"]
    assert [record.id for record in found] == ["0", "1", "2"]
    assert [record.position for record in found] == [0, 1, 2]


def test_unusual_line_separators_do_not_end_a_line(tmp_path):
    path = tmp_path / "a.txt"
    text = "a\u2028b\x0bc\x0cd\x85e\x00f\rg"
    path.write_bytes(text.encode() + b"\n")
    assert texts(read(path)) == [text]


def test_files_of_a_folder_are_documents_in_the_order_of_their_names(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.txt").write_text("two\nlines\n")
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "sub" / "c.txt").write_text("third")
    (tmp_path / ".hidden").write_text("never")
    found = read(tmp_path)
    assert texts(found) == ["first", "two\nlines\n", "third"]
    assert found[0].id == str(tmp_path / "a.txt")
    assert texts(read(tmp_path, format="text")) == ["first", "two", "lines", "third"]
    assert texts(read(tmp_path / "*.txt")) == ["first", "two", "lines"]
    assert texts(read(tmp_path / "*.txt", format="files")) == ["first", "two\nlines\n"]


def compressed_by_arrow(codec: str):
    def compress(data: bytes) -> bytes:
        buffer = pa.BufferOutputStream()
        with pa.CompressedOutputStream(buffer, codec) as file:
            file.write(data)
        return buffer.getvalue().to_pybytes()

    return compress


COMPRESSIONS = [
    (".gz", gzip.compress),
    (".bz2", bz2.compress),
    (".xz", lzma.compress),
    (".zst", compressed_by_arrow("zstd")),
    (".lz4", compressed_by_arrow("lz4")),
]


@pytest.mark.parametrize(("ending", "compress"), COMPRESSIONS)
def test_compressed_files_are_read_by_their_ending(ending, compress, tmp_path):
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(compress(b'{"text": "one"}\n{"text": "two"}\n'))
    assert texts(read(path)) == ["one", "two"]
    path.write_bytes(compress(b'{"text": "one"}\n') + compress(b'{"text": "two"}\n'))  # as `cat` joins them
    assert texts(read(path)) == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.txt.snappy", "expected pip install python-snappy"),
        ("a.txt.7z", "unpack it"),
        ("a.tar.zst", "got a tar archive"),
        ("a.txt.zst", "cannot be read"),
    ],
)
def test_what_cannot_be_decompressed_here_is_one_bad_record_and_no_text(name, message, tmp_path, monkeypatch):
    monkeypatch.delitem(fsspec.compression.compr, "snappy", raising=False)
    (tmp_path / name).write_bytes(b"(\xb5/\xfd but no more\nand a line\n")
    (bad,) = read(tmp_path / name)
    assert isinstance(bad, BadRecord)
    assert message in bad.reason


def test_pipe_is_read_as_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.txt").write_text("x\n" * 3)

    def write():
        (tmp_path / "pipe").write_bytes(b"one\ntwo\n")

    thread = threading.Thread(target=write)
    thread.start()
    documents = Input([str(tmp_path / "a.txt"), str(tmp_path / "pipe")])
    assert [(record.text, documents.meter.fraction) for record in documents] == [
        (text, None) for text in ("x", "x", "x", "one", "two")
    ]
    thread.join()
    with pytest.raises(ConfigurationError, match=r"Parquet on .*pipe"):
        read(tmp_path / "pipe", format="parquet")


def test_archive_is_read_like_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLDFORMER_CACHE", str(tmp_path / "cache"))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x/b.jsonl", '{"text": "two"}\n')
        archive.writestr("x/a.txt", "one")
    assert texts(read(tmp_path / "a.zip")) == ["one", "two"]


def test_url_is_streamed_through_fsspec():
    memory = fsspec.filesystem("memory")
    memory.pipe("/corpus/b.jsonl", b'{"text": "two"}\n')
    memory.pipe("/corpus/a.txt", b"one")
    assert texts(read("memory://corpus")) == ["one", "two"]
    assert texts(read("memory://corpus/*.jsonl")) == ["two"]
    assert texts(read("memory://corpus/a.txt")) == ["one"]
    with pytest.raises(ConfigurationError, match=r"memory://corpus/c\.txt"):
        read("memory://corpus/c.txt")


def test_files_of_a_server_are_read_and_what_it_refuses_is_told_in_one_line(stores, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n')
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"three\nfour\n"))
    pq.write_table(pa.table({"text": ["five"]}), tmp_path / "c.parquet")
    with stores.files_of(tmp_path) as address:
        found = [text for name in ("a.jsonl", "b.txt.gz", "c.parquet") for text in texts(read(f"{address}/{name}"))]
        assert found == ["one", "two", "three", "four", "five"]
        with pytest.raises(ConfigurationError, match=r"^INPUT: got .*d\.txt.*which cannot be read"):
            read(f"{address}/d.txt")
        with (
            stores.proxy(address, stores.Faults(forbid_after=0)) as refusing,
            pytest.raises(ConfigurationError, match=r"^INPUT: got .*cannot be read \(ClientResponseError: 403") as told,
        ):
            read(f"{refusing}/a.jsonl")
        assert "\n" not in str(told.value)


def test_standard_input_is_read(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"text": ["a", "b"]}\n')))
    assert texts(read("-", format="jsonl")) == [["a", "b"]]


def test_json_lines_give_ids_words_and_kept_values(tmp_path):
    path = tmp_path / "a.jsonl"
    records = [{"t": "x", "n": 7, "k": "s", "y": 3, "j": {"a": [1]}}, {"t": ["u", "v"], "n": "eight"}]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    keys = Keys("t", "n", (KeptKey.parse("k"), KeptKey.parse("y:int64"), KeptKey.parse("j:json"), KeptKey("y")))
    assert read(path, keys=keys) == [
        Record(0, "7", "x", ("s", 3, '{"a": [1]}', "3")),
        Record(1, "eight", ["u", "v"], (None, None, None, None)),
    ]


@pytest.mark.parametrize("num_records", [3, 1500])
def test_kept_key_that_no_record_has_is_warned_of_once(num_records, tmp_path, caplog):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"text": "a", "book": "b"}) + "\n" for _ in range(num_records)))
    read(path, keys=Keys(keep=(KeptKey("bok"), KeptKey("book"))))
    (warning,) = caplog.messages
    assert warning.startswith('--keep: got "bok", which none of')
    assert warning.endswith('did you mean "book"?')
    caplog.clear()
    path.write_text('{"text": "a"}\n{"text": "a", "bok": null}\n')
    read(path, keys=Keys(keep=(KeptKey("bok"),)))
    assert not caplog.messages


@pytest.mark.parametrize("text", ['[{"text": "a"}, {"text": "b"}]', '[\n{"text": "a"}\n]', '{\n"text": "a"\n}'])
def test_json_that_is_no_lines_is_told_what_to_do(text, tmp_path):
    (tmp_path / "a.json").write_text(text)
    assert "jq -c" in read(tmp_path / "a.json")[0].reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "a"', "malformed JSON"),
        (b"", "got an empty line"),
        (b"[1]", "got a list of 1; expected a JSON object"),
        (b'{"txt": "a"}', 'expected the key "text"; did you mean "txt"'),
        (b'{"text": 3}', "got 3 as text"),
        (b'{"text": ["a", 3]}', "expected a string or a list of words"),
        (b'{"text": "\\ud800"}', r"lone surrogate U\+D800 at character 0"),
        (b'{"text": ["a", "b\\udfff"]}', r"lone surrogate U\+DFFF at character 1"),
        (b'{"text": "caf\xe9"}', "got byte 0xe9 at position 14"),
        (b'{"text": "a", "id": ' + b"9" * 5000 + b"}", "cannot be read"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    ],
)
def test_bad_line_is_told_by_file_line_and_reason_and_the_rest_is_read(line, reason, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "before"}\n' + line + b'\n{"text": "behind"}\n')
    before, bad, behind = read(path)
    assert (before.text, behind.text, behind.position) == ("before", "behind", 2)
    assert isinstance(bad, BadRecord)
    assert (bad.position, bad.place) == (1, f"{path}:2")
    with pytest.raises(ValueError, match=reason):
        raise ValueError(bad.reason)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [("n:int64", "x", "expected int64"), ("n:int64", 2**63, "expected int64"), ("n:bool", 1, "expected bool"),
     ("n:float64", True, "expected float64"), ("n", "\ud800", "lone surrogate")],
)  # fmt: skip
def test_kept_value_that_does_not_fit_its_column_is_a_bad_record(key, value, reason, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "a", "n": value}) + "\n")
    (bad,) = read(path, keys=Keys(keep=(KeptKey.parse(key),)))
    assert isinstance(bad, BadRecord)
    assert reason in bad.reason


def test_conllu_gives_the_words_of_documents_or_of_sentences(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text(CONLLU)
    documents = read(path)
    assert [(record.id, record.text) for record in documents] == [("a", ["vamos", "nos", "Ya"]), ("b", ["No"])]
    sentences = read(path, conllu_unit="sentence")
    assert [(record.id, record.text) for record in sentences] == [
        ("a1", ["vamos", "nos"]),
        ("a2", ["Ya"]),
        ("b1", ["No"]),
    ]
    path.write_text(CONLLU.replace("# newdoc id = a\n", ""))
    assert len(read(path)) == 3


def test_conllu_of_a_real_treebank_has_the_words_of_its_text_lines(shared_folder):
    path = shared_folder / "data/ud_english_ewt/en_ewt-ud-dev.conllu"
    num_documents = sum(line.startswith("# newdoc") for line in path.read_text().splitlines())
    num_words = sum(line.split("\t")[0].isdigit() for line in path.read_text().splitlines())
    found = read(path)
    assert len(found) == num_documents
    assert sum(len(record.text) for record in found) == num_words


def test_malformed_conllu_spoils_its_own_document_only(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text(CONLLU.replace("1\tYa\tya\tADV", "1 Ya ya ADV"))
    bad, good = read(path)
    assert "got 7 columns" in bad.reason
    assert good.text == ["No"]


def test_parquet_column_is_streamed_with_id_and_kept_columns(tmp_path):
    path = tmp_path / "a.parquet"
    table = pa.table({"body": ["one", None, "three"], "key": [1, 2, 3], "w": [["a"], ["b"], None], "f": [0.5, None, 1]})
    pq.write_table(table, path)
    first, bad, last = read(path, keys=Keys("body", "key", (KeptKey.parse("f:float64"),)))
    assert first == Record(0, "1", "one", (0.5,))
    assert last == Record(2, "3", "three", (1.0,))
    assert (bad.position, bad.place) == (1, f"{path}, row 1")
    assert texts(read(path, keys=Keys("w"))[:2]) == [["a"], ["b"]]
    (refused,) = read(path, keys=Keys("bodi"))
    assert 'did you mean "body"' in refused.reason


@pytest.mark.parametrize("keys", [Keys(), Keys("body", "text"), Keys("body", keep=(KeptKey("text"),))])
def test_two_parquet_columns_of_one_name_are_refused(keys, tmp_path):
    columns = [pa.array(["a"]), pa.array(["b"]), pa.array(["c"])]
    pq.write_table(pa.Table.from_arrays(columns, ["text", "text", "body"]), tmp_path / "a.parquet")
    (bad,) = read(tmp_path / "a.parquet", keys=keys)
    assert 'got 2 columns named "text"' in bad.reason


def test_bytes_that_are_no_text_in_a_parquet_column_are_one_bad_record(tmp_path):
    path = tmp_path / "a.parquet"
    column = pa.array([b"ok", b"\xff\xfe"], pa.binary())
    spoiled = pa.Array.from_buffers(pa.string(), 2, column.buffers())
    pq.write_table(pa.table({"text": spoiled}), path)
    good, bad = read(path)
    assert good.text == "ok"
    assert "no UTF-8" in bad.reason


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.parquet"])
def test_damaged_file_is_one_bad_record_and_the_next_file_is_read(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b'{"text": "x"}\n' * 5000)[:-20] if name.endswith(".gz") else b"PAR1 nothing")
    (tmp_path / "b.txt").write_text("after\n")
    *_, bad, after = read(path, tmp_path / "b.txt")
    assert "cannot be read" in bad.reason
    assert after.text == "after"


def test_input_that_is_not_there_names_what_is_near(tmp_path):
    (tmp_path / "corpus.txt").write_text("x")
    with pytest.raises(ConfigurationError, match=r'did you mean "corpus\.txt"'):
        read(tmp_path / "corpsu.txt")
    with pytest.raises(ConfigurationError, match="none matches"):
        read(tmp_path / "*.xyz")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match="holds no files"):
        read(tmp_path / "empty")
    with pytest.raises(ConfigurationError, match="more than once"):
        read("-", "-")
    with pytest.raises(ConfigurationError, match="Parquet on standard input"):
        read("-", format="parquet")


def test_choices_are_checked():
    with pytest.raises(ConfigurationError, match=r'got "jsnol".*did you mean "jsonl"'):
        InputOptions(format="jsnol")
    with pytest.raises(ConfigurationError, match=r'"year:int46".*did you mean "int64"'):
        KeptKey.parse("year:int46")
    with pytest.raises(ConfigurationError, match='got "vectors"'):
        KeptKey.parse("vectors")


def test_file_whose_name_is_no_unicode_is_a_bad_record(tmp_path):
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    except OSError:  # some file systems have no such names
        return
    (tmp_path / "b.txt").write_text("y")
    good, bad = read(tmp_path)
    assert good.text == "y"
    assert "lone surrogate" in bad.reason


def test_description_of_many_files_is_short_and_tells_every_one_apart(tmp_path):
    for number in range(50):
        (tmp_path / f"{number}.txt").write_text("x" * number)
    before = Input([str(tmp_path)]).describe()
    assert before["num_files"] == 50
    assert len(json.dumps(before)) < 10_000
    (tmp_path / "9.txt").write_text("x" * 8)
    assert Input([str(tmp_path)]).describe() != before


def test_meter_reaches_the_end_with_the_last_record(tmp_path):
    (tmp_path / "a.txt").write_text("x\n" * 50_000)
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"y\n" * 50_000))
    documents = Input([str(tmp_path / "a.txt"), str(tmp_path / "b.txt.gz")])
    fractions = [documents.meter.fraction for _ in documents]
    assert fractions == sorted(fractions)
    assert fractions[0] < 0.9
    assert fractions[-1] == 1.0


def test_reading_holds_one_line_and_not_the_file(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("x\n" * 10)
    stream = iter(Input([str(path)]))
    next(stream)
    path.unlink()  # the rest comes from the open file
    assert len(list(stream)) == 9
