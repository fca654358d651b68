"""Inputs in rows and columns: CSV, TSV, Arrow, and folders of Hugging Face datasets."""

import json
import re

import pyarrow as pa
import pyarrow.feather as feather
import pytest

from foldformer.corpus import Input, InputOptions, KeptKey, Keys
from foldformer.corpus.inputs import BadRecord

ROWS = {"text": ["the fox", None, 'a "b", c\nd'], "name": ["x", "y", "z"], "year": [1900, 1901, 1902]}
LONG = "word " * 50_000


def read(*names, text="text", **keys) -> list:
    return list(Input([str(name) for name in names], InputOptions(keys=Keys(text, **keys))))


def reason(record) -> str:
    assert isinstance(record, BadRecord)
    return str(record)


def test_csv_has_a_header_quotes_and_lines_in_its_fields(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(f'\ufeffname,text,year,ok\nx,the fox,1900,true\ny,"a ""b"", c\nd",,False\nz,{LONG},7,1\n'.encode())
    keep = (KeptKey("year", "int64"), KeptKey("ok", "bool"))
    found = read(path, id="name", keep=keep)
    assert [(each.id, each.text, each.kept) for each in found] == [
        ("x", "the fox", (1900, True)),
        ("y", 'a "b", c\nd', (None, False)),
        ("z", LONG, (7, True)),
    ]


def test_tsv_keeps_commas(tmp_path):
    (tmp_path / "a.tsv").write_text("text\tname\na, b\tx\n")
    assert [(each.id, each.text) for each in read(tmp_path / "a.tsv", id="name")] == [("x", "a, b")]


def test_rows_that_cannot_be_read_are_told_by_their_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'text,year\nfox,1\na,b,c\n"two\nlines",x\n\xff,1\ndog,2\n"open\n')
    found = read(path, keep=(KeptKey("year", "int64"),))
    assert [each.text for each in found if not isinstance(each, BadRecord)] == ["fox", "dog"]
    reasons = [reason(each).removeprefix(str(path)) for each in found if isinstance(each, BadRecord)]
    patterns = [":3: got 3 fields; expected 2", ':4: got "x" for the kept key', ":6: got byte 0xff", ":8: .*quotes"]
    assert len(reasons) == len(patterns)
    assert all(re.match(pattern, each) for pattern, each in zip(patterns, reasons, strict=True)), reasons


def test_column_that_is_not_there_is_told(tmp_path):
    (tmp_path / "a.csv").write_text("texts,name\na,b\n")
    (found,) = read(tmp_path / "a.csv")
    assert 'expected one named "text"; did you mean "texts"?' in reason(found)


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_arrow_files_and_streams_have_rows(kind, tmp_path):
    table, path = pa.table(ROWS), tmp_path / "a.arrow"
    opened = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
    with opened(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    found = read(path, id="name", keep=(KeptKey("year", "int64"),))
    assert [(each.id, each.text, each.kept) for each in (found[0], found[2])] == [
        ("x", "the fox", (1900,)),
        ("z", 'a "b", c\nd', (1902,)),
    ]
    assert reason(found[1]).startswith(f"{path}, row 1: got null as text")


def test_feather_is_arrow_and_what_is_none_is_told(tmp_path):
    feather.write_feather(pa.table(ROWS), tmp_path / "a.feather")
    assert read(tmp_path / "a.feather")[0].text == "the fox"
    (tmp_path / "b.arrow").write_bytes(b"no arrow at all")
    assert "cannot be read as Arrow" in reason(read(tmp_path / "b.arrow")[0])


def save_dataset(folder, texts) -> None:
    """Write what `datasets.Dataset.save_to_disk` writes."""
    folder.mkdir(parents=True)
    names = [f"data-{i:05d}-of-{len(texts):05d}.arrow" for i in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        table = pa.table({"text": [text]})
        with pa.ipc.new_stream(str(folder / name), table.schema) as writer:
            writer.write_table(table)
    (folder / "cache-1234.arrow").write_bytes((folder / names[0]).read_bytes())
    (folder / "dataset_info.json").write_text("{}")
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name} for name in names]}))


def test_saved_dataset_is_read_without_its_caches_and_lists(tmp_path):
    save_dataset(tmp_path / "dataset/train", ["a", "b"])
    save_dataset(tmp_path / "dataset/test", ["c"])
    (tmp_path / "dataset/dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    assert [each.text for each in read(tmp_path / "dataset/train")] == ["a", "b"]
    assert [each.text for each in read(tmp_path / "dataset")] == ["c", "a", "b"]


def test_saved_dataset_of_the_library_itself_is_read(tmp_path):
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_dict({"text": ["a", "b"]}).save_to_disk(str(tmp_path / "dataset"), num_shards=2)
    assert [each.text for each in read(tmp_path / "dataset")] == ["a", "b"]


def test_files_of_these_names_that_are_no_datasets_are_read(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("state.json", "dataset_info.json", "dataset_dict.json"):
        (tmp_path / "in" / name).write_text('{"text": "a"}\n')
    assert [each.text for each in read(tmp_path / "in")] == ["a", "a", "a"]


@pytest.mark.parametrize(("name", "kind"), [("a.pdf", "a PDF file"), ("a.XLSX", "a spreadsheet"), ("a.npy", "arrays")])
def test_kinds_that_are_not_read_are_named(name, kind, tmp_path):
    (tmp_path / name).write_bytes(b"\xff\x00")
    (found,) = read(tmp_path / name)
    assert f"got {kind}" in reason(found)
    assert "iconv" not in reason(found)


def test_binary_data_under_the_name_of_a_text_is_told(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\x00\x01\xff")
    (found,) = read(tmp_path / "a.txt")
    assert "got binary data" in reason(found)
