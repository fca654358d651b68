"""Text of somebody else on pages: it is shown, and is never markup nor formulas."""

import importlib.util
import json
from collections import Counter
from pathlib import Path

import pytest
from torch import nn

from foldformer.embedding.folded_page import folded_page
from foldformer.embedding.folded_text import FoldedText
from foldformer.training.report.confusion import Confusion
from foldformer.training.report.page import write_report

HOSTILE = (
    "<script>document.title='taken'</script>",
    "</table></title><img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(2)>",
    "$\\x$",
    "$^$ \\frac{",
    "a\0b\ud800\n" + "long" * 100,
    "\N{RIGHT-TO-LEFT OVERRIDE}&lt;b&gt;&#0;",
)


@pytest.fixture
def report(tmp_path):
    folder = tmp_path / "<b>run & $\\x$"
    folder.mkdir()
    metrics = {f"training_{text}": 0.5 for text in HOSTILE} | {
        f"other_{text}": [text, {text: text}] for text in HOSTILE
    }
    (folder / "metrics.json").write_text(json.dumps(metrics))
    for epoch in range(2):
        (folder / f"metrics_epoch_{epoch}.json").write_text(json.dumps(metrics))
    confusion = Confusion()
    confusion.counts = Counter({(true, guess): 1 for true in HOSTILE for guess in HOSTILE})
    return write_report(folder, nn.ModuleDict({"$\\x$": nn.Linear(1, 1)}), confusion)


@pytest.fixture
def folded(tmp_path):
    text = " ".join(HOSTILE)
    ends = [len(" ".join(HOSTILE[: i + 1])) for i in range(len(HOSTILE))]
    spans = tuple((end - len(piece), end) for end, piece in zip(ends, HOSTILE, strict=True))
    page = tmp_path / "page.html"
    made = folded_page(FoldedText(text, HOSTILE, spans, HOSTILE[:1], HOSTILE[1:2], ((0, 4), (2, 7)), 9), HOSTILE[0])
    page.write_bytes(made.encode(errors="xmlcharrefreplace"))
    return page


def test_report_of_hostile_names_is_drawn_and_holds_no_markup_of_theirs(report):
    page = report.read_text(encoding="utf-8")
    for tag in ("<script", "<img src=x", "<svg", "<b>"):
        assert tag not in page
    assert page.count("<img ") == len(HOSTILE) + 1
    assert "default-src 'none'" in page


@pytest.fixture
def browsing():
    spec = importlib.util.spec_from_file_location("browser", Path(__file__).parents[1] / "corpus" / "browser.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.PROGRAM is None:
        pytest.skip("no Chromium on this machine")
    return module.browsing


@pytest.mark.parametrize("kind", ["report", "folded"])
def test_hostile_text_is_text_in_a_browser(kind, request, browsing):
    # takes some seconds: a browser
    with browsing(request.getfixturevalue(kind)) as browser:
        title = browser.evaluate("document.title")
        assert title == "<b>run & $\\x$" if kind == "report" else title.endswith("segments")
        assert browser.evaluate("document.querySelectorAll('script, svg, b').length") == (kind == "folded")
        seen = browser.evaluate("document.body.textContent")
        for text in HOSTILE[:5]:
            assert text in seen
        assert [each for each in browser.problems if not each.startswith("data:image/png")] == []
