"""The table of modules in docs/allennlp.md says what is so."""

import re
from pathlib import Path

import pytest

from foldformer.allennlp.table import Missing, Served, table

PAGE = (Path(__file__).parents[2] / "docs/allennlp.md").read_text(encoding="utf-8")
ROWS = [
    (module, served)
    for modules, served in re.findall(r"^\| (`allennlp.*`) \| (whole|in part) \|$", PAGE, re.MULTILINE)
    for module in re.findall(r"`([\w.]+)`", modules)
]


@pytest.mark.parametrize(("module", "served"), ROWS)
def test_module_is_served_as_documented(module: str, served: str) -> None:
    assert module in table()
    entries = table().names(module).values()
    are_served = [isinstance(entry, Served) for entry in entries if not _was_gone_in_1(entry)]
    assert all(are_served) if served == "whole" else any(are_served)


def _was_gone_in_1(entry: Served | Missing) -> bool:
    return isinstance(entry, Missing) and entry.advice.startswith("AllenNLP 0.9, gone in 1.0")


def test_the_table_is_there() -> None:
    assert len(ROWS) > 40
    assert {served for _, served in ROWS} == {"whole", "in part"}
