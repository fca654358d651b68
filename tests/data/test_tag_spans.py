"""Tags to spans, against what AllenNLP finds."""

import json
from pathlib import Path

import pytest

from foldformer.data.dataset_readers import to_bioul
from foldformer.data.tag_spans import (
    TAGS_TO_SPANS,
    InvalidTagSequenceError,
    bio_tags_to_spans,
    bioul_tags_to_spans,
    bmes_tags_to_spans,
)

RECORDED = json.loads((Path(__file__).parents[1] / "models" / "recorded.json").read_text())


@pytest.mark.parametrize("scheme", ["BIO", "IOB1", "BIOUL", "BMES"])
def test_spans_are_those_of_allennlp(scheme):
    records = [record for record in RECORDED["spans"] if record["scheme"] == scheme]
    assert len(records) > 3
    for record in records:
        spans = sorted(TAGS_TO_SPANS[scheme](record["tags"], record["ignored"]))
        assert [[entity, [*span]] for entity, span in spans] == record["spans"], record


def test_recoding_gives_what_allennlp_gives():
    for record in RECORDED["to_bioul"]:
        assert to_bioul(record["tags"], record["encoding"]) == record["bioul"]


def test_outside_is_no_span_in_bmes():
    assert bmes_tags_to_spans(["O", "B-X", "E-X", "O"]) == [("X", (1, 2))]


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ("B-X I-X", "expected I or L of the span 'X' at position 2"),
        ("B-X L-Y", "at position 1"),
        ("I-X", "expected B, U or O at position 0"),
        ("U-X L-X", "expected B, U or O at position 1"),
        ("B-X B-X L-X", "at position 1"),
        ("U-X X", "got 'X' at position 1"),
    ],
)
def test_badly_written_bioul_is_an_error_unless_lenient(tags, message):
    with pytest.raises(InvalidTagSequenceError, match=message):
        bioul_tags_to_spans(tags.split())


def test_lenient_bioul_takes_what_fits_together():
    assert bioul_tags_to_spans(["I-X", "L-X", "L-X", "B-X", "B-Y", "L-X"], is_strict=False) == [
        ("X", (0, 1)),
        ("X", (2, 2)),
        ("X", (3, 3)),
        ("Y", (4, 4)),
        ("X", (5, 5)),
    ]


def test_tag_of_no_scheme_is_an_error():
    with pytest.raises(
        InvalidTagSequenceError, match="got 'S-X' at position 1 of O S-X; expected tags that begin with one of BIO"
    ):
        bio_tags_to_spans(["O", "S-X"])
