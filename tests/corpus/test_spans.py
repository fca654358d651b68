"""Corpora of spans: from the records, from splitters, and what is refused."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foldformer.config import ConfigurationError
from foldformer.corpus import DocumentEmbedder, Input, InputOptions, Keys, embed_corpus, load_corpus
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.reading.search import embedder_of, query_vector
from foldformer.corpus.runs.options import RunOptions
from foldformer.embedding import Spanned
from foldformer.text.splitters import FixedSplitter, SentenceSplitter

TEXT = "the quick brown fox. It jumps over the lazy dog and never stops. The end"
SPANS = [[0, 9], [4, 30], [4, 9], [9, 9]]


@pytest.fixture
def spans_embedder(tiny_model):
    return DocumentEmbedder(tiny_model("bert"), max_length=16, overlap=4, level="span")


def write(folder, records):
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def read(path, **options):
    return Input([str(path)], InputOptions(keys=Keys(spans="spans", **options)))


def test_spans_of_records_are_stored_with_their_places(spans_embedder, tmp_path):
    records = [{"text": TEXT, "spans": SPANS}, {"text": TEXT.split(), "spans": [[0, 2]]}, {"text": "", "spans": []}]
    embed_corpus(read(write(tmp_path, records)), tmp_path / "out", spans_embedder, RunOptions(storage_dtype="float32"))
    corpus = load_corpus(str(tmp_path / "out"))
    expected = list(spans_embedder.embed([Spanned(each["text"], each["spans"]) for each in records]))
    for got, own in zip(corpus, expected, strict=True):
        assert got.pieces == own.pieces
        np.testing.assert_array_equal(got.vectors, own.vectors)
        np.testing.assert_array_equal(got.starts, own.starts)
    assert corpus[0].pieces == [TEXT[start:end] for start, end in SPANS]
    assert json.loads((tmp_path / "out/_manifest.json").read_text())["fingerprint"]["input"]["spans_key"] == "spans"


def test_spans_come_from_columns_and_as_json_too(spans_embedder, tmp_path):
    pq.write_table(pa.table({"text": [TEXT], "spans": [SPANS]}), tmp_path / "in.parquet")
    (tmp_path / "in.csv").write_text(f'text,spans\n{TEXT},"{json.dumps(SPANS)}"\n')
    for name in ("in.parquet", "in.csv"):
        (record,) = read(tmp_path / name)
        assert record.spans == tuple(map(tuple, SPANS))


def test_other_spans_of_the_same_text_are_another_input(spans_embedder, tmp_path):
    path = write(tmp_path, [{"text": TEXT, "spans": SPANS}])
    embed_corpus(read(path), tmp_path / "out", spans_embedder)
    path.write_text(path.read_text().replace("[0, 9]", "[0, 8]"))
    with pytest.raises(CorpusError, match="got other records"):
        embed_corpus(read(path), tmp_path / "out", spans_embedder)


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([[0, 999]], r"in.jsonl:1: got the span \[0, 999\]; expected 0 <= start <= end <= 72"),
        ([[0, 1, 2]], "expected a list of pairs"),
        ("0-5", 'got "0-5" as spans; expected a list of pairs'),
        ([[0, True]], "expected a list of pairs"),
    ],
)
def test_wrong_spans_name_their_record(spans, message, spans_embedder, tmp_path):
    path = write(tmp_path, [{"text": TEXT, "spans": spans}])
    with pytest.raises(CorpusError, match=message):
        embed_corpus(read(path), tmp_path / "out", spans_embedder)


def test_a_record_without_spans_is_named(spans_embedder, tmp_path):
    path = write(tmp_path, [{"text": TEXT}])
    with pytest.raises(CorpusError, match='expected the key "spans"'):
        embed_corpus(read(path), tmp_path / "out", spans_embedder)
    with pytest.raises(CorpusError, match=r"record 0.*got no spans at level span"):
        embed_corpus(Input([str(path)]), tmp_path / "other", spans_embedder)


def test_lines_have_no_fields(tmp_path):
    (tmp_path / "in.txt").write_text(TEXT)
    with pytest.raises(ConfigurationError, match=r'spans_key: got "spans" and .*in.txt, which is read as text'):
        read(tmp_path / "in.txt")


def test_a_query_is_compared_with_spans(tiny_model, tmp_path):
    embedder = DocumentEmbedder(tiny_model("bert"), max_length=16, level="span", spans=SentenceSplitter())
    path = write(tmp_path, [{"text": TEXT}])
    embed_corpus(Input([str(path)]), tmp_path / "out", embedder)
    corpus = load_corpus(str(tmp_path / "out"))
    (query,) = embedder.embed([Spanned("the quick", [(0, 9)])])
    np.testing.assert_allclose(query_vector("the quick", embedder_of(corpus)), query.vectors[0], atol=1e-5)


def test_other_splitters_are_another_run(tiny_model, tmp_path):
    path = write(tmp_path, [{"text": TEXT}])
    for number, message in ((5, None), (6, "num_wordpieces was 5 and is 6")):
        embedder = DocumentEmbedder(tiny_model("bert"), max_length=16, level="span", spans=FixedSplitter(number))
        if message is None:
            embed_corpus(Input([str(path)]), tmp_path / "out", embedder)
        else:
            with pytest.raises(CorpusError, match=message):
                embed_corpus(Input([str(path)]), tmp_path / "out", embedder)


def test_the_command_takes_splitters_and_keys(tiny_model, tmp_path):
    from typer.testing import CliRunner

    from foldformer.commands.embed.command import app

    path = write(tmp_path, [{"text": TEXT, "spans": SPANS}])
    base = [str(path), "--model", tiny_model("bert"), "--max-length", "16", "--output"]

    def run(name, *arguments):
        return CliRunner().invoke(app, [*base, str(tmp_path / name), *arguments])

    assert "1 segments" not in run("a", "--level", "span", "--spans", "fixed:5:1").output
    assert load_corpus(str(tmp_path / "a"))[0].pieces
    assert run("b", "--level", "span", "--spans-key", "spans", "--normalize").exit_code == 0
    vectors = load_corpus(str(tmp_path / "b"))[0].vectors
    np.testing.assert_allclose(np.linalg.norm(vectors[:3].astype(float), axis=1), 1, atol=1e-2)
    for arguments, message in [
        (["--spans-key", "spans"], '--spans-key: got "spans"; expected --level span'),
        (["--level", "span", "--spans", "fixed:x"], '--spans: got "fixed:x"; expected sentences'),
        (["--level", "span", "--spans", "sentence"], 'did you mean "sentences"'),
    ]:
        assert message in str(run("c", *arguments).exception)


def test_price_of_cuts_is_shown(tiny_model, tmp_path):
    from typer.testing import CliRunner

    from foldformer.commands.embed.command import app

    path = write(tmp_path, [{"text": TEXT}])
    arguments = ["--model", tiny_model("bert"), "--max-length", "16", "--overlap", "4", "--cut", "word"]
    result = CliRunner().invoke(app, [str(path), *arguments, "--output", str(tmp_path / "out")])
    corpus = load_corpus(str(tmp_path / "out"))
    new = len(corpus[0].pieces) / pq.read_table(tmp_path / "out/part-00000.parquet")["num_segments"][0].as_py()
    assert f"cut word, overlap 4: {new:.1f} new wordpieces a segment, of 14" in result.output
