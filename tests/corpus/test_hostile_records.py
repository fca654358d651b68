"""10,000 records that nobody wants: every one is either embedded or listed."""

import gc
import json
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from foldformer.corpus import Input, InputOptions, Keys, RunOptions, embed_corpus

NUM_RECORDS = 10_000
LONG = 10 * 2**20
ODD_TEXTS = [
    "",
    " ",
    "\t \u00a0\u3000",
    "\x00",
    "a\x00b",
    "\u202eright to left \u202c",
    "שלום עולם مرحبا بالعالم",
    "👩‍👩‍👧‍👦👍🏽🇺🇳",
    "\ufeff",
    "\ufffe\uffff",
    "e\u0301\u0302\u0303",
    "\u2028\u2029\x85\x0b",
    "[CLS] [SEP] [PAD]",
    "\U0010ffff",
    "ﬁ ﷺ",
    "\x1b[31m",
    "a" * 600,
    "x " * 300,
]


def hostile_line(generator: random.Random, number: int) -> bytes:
    """One line, without its end: bytes that may or may not be a record."""
    kind = number % 10
    if kind == 0:
        return generator.randbytes(generator.randrange(1, 60)).replace(b"\n", b"")
    if kind == 1:
        return json.dumps({"text": chr(generator.randrange(0xD800, 0xE000)) + "x"}).encode()
    if kind == 2:
        depth = generator.randrange(1, 5000)
        return b'{"text": ' + b"[" * depth + b"]" * depth + b"}"
    if kind == 3:
        return json.dumps({"text": [generator.choice(ODD_TEXTS), "", "word"]}).encode()
    if kind == 4:
        whole = json.dumps({"text": generator.choice(ODD_TEXTS)}, ensure_ascii=False).encode()
        return whole[: generator.randrange(len(whole))]
    if kind == 5:
        return generator.choice(
            [b"null", b"1e999", b'{"text": null}', b'{"text": NaN}', b"{}", b"[]", b'"text"', b"   "]
        )
    text = "".join(generator.choice(ODD_TEXTS[:16]) for _ in range(generator.randrange(4)))
    return json.dumps({"text": text}, ensure_ascii=bool(kind % 2)).encode()


@pytest.fixture
def hostile_file(tmp_path) -> Path:
    generator = random.Random(3)
    path = tmp_path / "in.jsonl"
    with path.open("wb") as file:
        for number in range(NUM_RECORDS - 2):
            file.write(hostile_line(generator, number) + b"\n")
        file.write(b'{"text": "' + b" " * LONG + b'"}\n')
        file.write(b"\xff" * LONG + b"\n")
    return path


def test_every_hostile_record_is_embedded_or_listed(hostile_file, embedder, tmp_path):
    options = RunOptions(rows_per_part=2500, on_error="skip")
    summary = embed_corpus(Input([str(hostile_file)]), tmp_path / "out", embedder, options)
    embedded = [
        int(each.as_py())
        for path in sorted((tmp_path / "out").glob("part-*"))
        for each in pq.read_table(path, columns=["id"])["id"]
    ]
    listed = [json.loads(line)["position"] for line in (tmp_path / "out/_errors.jsonl").read_text().splitlines()]
    assert sorted(embedded + listed) == list(range(NUM_RECORDS))
    assert embedded == sorted(embedded)
    assert listed == sorted(listed)
    assert summary.num_documents == len(embedded) > NUM_RECORDS // 3
    assert summary.num_skipped == len(listed) > NUM_RECORDS // 3
    gc.collect()


@pytest.mark.parametrize("form", ["text", "files", "conllu", "parquet"])
def test_noise_in_any_format_is_embedded_or_listed(form, embedder, tmp_path):
    generator = random.Random(5)
    path = tmp_path / "noise"
    path.write_bytes(generator.randbytes(5000))
    documents = Input([str(path)], InputOptions(form, Keys()))
    num_found = len(list(documents))
    summary = embed_corpus(documents, tmp_path / "out", embedder, RunOptions(on_error="skip"))
    assert summary.num_documents + summary.num_skipped == num_found > 0
