"""`foldformer corpus show`: what stands on the page, that nothing of the corpus is markup there, and what clicks do."""

import base64
import importlib.util
import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from foldformer.commands import app
from foldformer.corpus import DocumentEmbedder, Input, InputOptions, Keys, RunOptions, embed_corpus, load_corpus
from foldformer.corpus.reading import surroundings as module
from foldformer.corpus.reading.page import surroundings_page
from foldformer.corpus.reading.surroundings import principal_map, surroundings

HOSTILE = [
    "</script><script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\"> & <b>bold</b>",
    "\"quotes\" 'and' `ticks` ${document.title} \\u003c \\ </title>",
    "<!-- a comment --> <![CDATA[x]]> &amp; &lt;b&gt; ]]>",
    "שלום \u202eabc\u202c \u2028 \u2029 \ufeff 🙂 \x00 \x1b[31m",
]


@pytest.fixture(scope="module")
def browser_of():
    spec = importlib.util.spec_from_file_location("browser", Path(__file__).with_name("browser.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.PROGRAM is None:
        pytest.skip("Chromium is not installed")
    return module.browsing


def made(tiny_model, folder, texts: dict[str, str], level: str = "word", dtype: str = "float32"):
    folder.mkdir(exist_ok=True)
    source = folder / "in.jsonl"
    source.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()))
    embedder = DocumentEmbedder.from_model(tiny_model("bert"), max_length=16, level=level)
    embed_corpus(Input([str(source)], InputOptions(keys=Keys(id="id"))), folder / "out", embedder, RunOptions(dtype, 3))
    return load_corpus(folder / "out")


@pytest.fixture
def plain(tiny_model, text_of, tmp_path):
    return made(tiny_model, tmp_path, {f"d{i}": text_of(i) for i in range(12)})


@pytest.fixture
def hostile(tiny_model, tmp_path):
    return made(tiny_model, tmp_path / "hostile", {f"{text}{i}": f"{text} the fox" for i, text in enumerate(HOSTILE)})


def unit(vectors):
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms > 0, norms, 1)  # a word of control characters has no wordpieces, and zeros


def test_nearest_pieces_are_those_of_a_plain_loop_over_all_other_documents(plain, monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", 5)
    seen = surroundings(plain, 4)
    own = unit(plain[4].vectors)
    assert len(own) > 8
    np.testing.assert_allclose(seen.cosines, own @ own.T, atol=1e-5)
    others = [(each.id, i, vector) for each in plain if each.id != "d4" for i, vector in enumerate(each.vectors)]
    for vector, hits in zip(own, seen.nearest, strict=True):
        scores = sorted((float(vector @ other / np.linalg.norm(other)) for _, _, other in others), reverse=True)
        np.testing.assert_allclose([hit.score for hit in hits], scores[: module.NUM_NEAREST], atol=1e-5)
        for hit in hits:
            document = plain[hit.id]
            np.testing.assert_allclose(hit.score, vector @ unit(document.vectors)[hit.place], atol=1e-5)
            assert hit.piece == document.pieces[hit.place]
            assert hit.before == tuple(document.pieces[max(0, hit.place - 8) : hit.place])
            assert hit.after == tuple(document.pieces[hit.place + 1 : hit.place + 9])


def test_sample_is_of_other_documents_and_of_the_size_that_was_asked_for(plain):
    everything = [(each.id, i, piece) for each in plain if each.id != "d4" for i, piece in enumerate(each.pieces)]
    assert [(hit.id, hit.place, hit.piece) for hit in surroundings(plain, 4).sample] == everything
    some = [(hit.id, hit.place, hit.piece) for hit in surroundings(plain, 4, 40).sample]
    assert 20 < len(some) <= 40
    assert set(some) < set(everything)
    assert len({name for name, _, _ in some}) > 5
    assert surroundings(plain, 4, 0).sample == []


def test_map_has_the_two_components_of_a_singular_value_decomposition():
    generator = np.random.default_rng(0)
    sample = generator.standard_normal((50, 6)).astype(np.float32) * [5, 4, 1, 1, 1, 1] + 3
    own = generator.standard_normal((4, 6)).astype(np.float32)
    points, own_points, share = principal_map(sample.astype(np.float32), own)
    left, values, right = np.linalg.svd(sample - sample.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(points), np.abs(left[:, :2] * values[:2]), atol=1e-3)
    np.testing.assert_allclose(np.abs(own_points), np.abs((own - sample.mean(axis=0)) @ right[:2].T), atol=1e-3)
    assert share == pytest.approx(float((values[:2] ** 2).sum() / (values**2).sum()), abs=1e-5)


class Elements(HTMLParser):
    """Counts the elements of a page, and collects the texts of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.scripts, self.title = [""], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        if self.tags[-1] == "script" and data.strip():
            self.scripts.append(data)
        if self.tags[-1] == "title" and not self.title:
            self.title = data


def page_of(corpus, row: int) -> str:
    return surroundings_page(surroundings(corpus, row), str(corpus.folder), corpus.description["model"])


@pytest.mark.parametrize("row", range(len(HOSTILE)))
def test_page_of_hostile_text_has_the_elements_of_any_other(row, hostile, plain):
    harmless, page = Elements(page_of(plain, 4)), Elements(page_of(hostile, row))
    assert page.tags == harmless.tags
    assert page.title.startswith(hostile[row].id)
    assert page.scripts[-1] == harmless.scripts[-1]
    data = json.loads(page.scripts[0])
    assert data["pieces"] == hostile[row].pieces
    assert "<" not in page.scripts[0]
    cosines = np.frombuffer(base64.b64decode(data["cosines"]), "<i2").reshape(len(data["pieces"]), -1) / 32767
    np.testing.assert_allclose(cosines, unit(hostile[row].vectors) @ unit(hostile[row].vectors).T, atol=1e-4)


def of_each(browser, selector: str, script: str) -> list:
    return browser.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].map(e => {script})")


def test_clicks_colour_pieces_by_nearness_and_list_the_nearest(browser_of, plain, tmp_path):
    # takes some seconds: a browser
    page = tmp_path / "a page.html"
    page.write_text(page_of(plain, 4), encoding="utf-8")
    seen = surroundings(plain, 4)
    with browser_of(page) as browser:
        for click, chosen in ((".piece:nth-of-type(4)", 3), ('.own[data-piece="6"]', 6)):
            browser.click(click)
            assert of_each(browser, ".piece", "e.textContent") == plain[4].pieces
            pressed = of_each(browser, ".piece", "e.ariaPressed")
            assert [i for i, each in enumerate(pressed) if each == "true"] == [chosen]
            near = of_each(browser, ".piece", "+e.style.getPropertyValue('--near')")
            others = np.delete(seen.cosines[chosen], chosen)
            expected = (seen.cosines[chosen] - others.min()) / (others.max() - others.min())
            np.testing.assert_allclose(np.delete(near, chosen), np.delete(expected, chosen), atol=0.002)
            assert of_each(browser, "#nearest mark", "e.textContent") == [hit.piece for hit in seen.nearest[chosen]]
            assert len(set(of_each(browser, ".piece", "getComputedStyle(e).backgroundColor"))) > 3
        assert browser.evaluate("document.querySelectorAll('.dot').length") == len(seen.sample)
        browser.point_at('.own[data-piece="2"]')
        assert browser.evaluate("document.getElementById('told').textContent").startswith(
            f"{plain[4].pieces[2]} — this"
        )
        assert browser.problems == []


def test_hostile_text_is_text_in_a_browser(browser_of, hostile, tmp_path):
    # takes some seconds: a browser
    page = tmp_path / "page.html"
    for row in range(2):
        page.write_text(page_of(hostile, row), encoding="utf-8")
        with browser_of(page) as browser:
            browser.click(".piece:nth-of-type(2)")
            assert of_each(browser, ".piece", "e.textContent") == hostile[row].pieces
            assert browser.evaluate("document.title") == f"{hostile[row].id} in {hostile.folder}"
            assert browser.evaluate("document.querySelectorAll('img, b, script').length") == 2
            assert len(browser.evaluate("document.getElementById('nearest').textContent")) > 100
            assert browser.problems == []


def run(*arguments: object):
    return CliRunner().invoke(app, ["corpus", "show", *map(str, arguments)], prog_name="foldformer")


def test_command_writes_the_page_of_the_document_that_is_named_or_of_the_first(plain, tmp_path):
    page = tmp_path / "page.html"
    result = run(plain.folder, "d4", "--html", page)
    assert result.output.startswith(f"{len(plain['d4'].pieces)} pieces of d4 among")
    assert page.read_text(encoding="utf-8") == page_of(plain, 4)
    assert plain[0].pieces == []
    assert " of d1 among" in run(plain.folder, "--html", page).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["d99"], 'ID: got "d99"; expected the id of one of 12 documents'),
        (["d4", "--html", "/nowhere/page.html"], "--html: got /nowhere/page.html, which cannot be written"),
    ],
)
def test_what_cannot_be_shown_is_told_in_one_line(arguments, message, plain):
    result = run(plain.folder, *arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_corpus_without_documents_is_told(tiny_model, tmp_path):
    corpus = made(tiny_model, tmp_path, {})
    assert "got no documents; expected one to show" in run(corpus.folder).stderr


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_document_without_neighbours_and_one_of_one_vector_have_pages(dtype, tiny_model, tmp_path):
    corpus = made(tiny_model, tmp_path, {"only": "the fox"}, "document", dtype)
    seen = surroundings(corpus, 0)
    assert (seen.num_pieces, seen.nearest, seen.sample) == (1, [[]], [])
    assert '"pieces":["the fox"]' in page_of(corpus, 0)


def test_long_document_is_shown_to_a_limit_that_the_page_tells(plain, monkeypatch):
    monkeypatch.setattr(module, "MOST_PIECES", 5)
    assert f"The last {len(plain[4].pieces) - 5} of its pieces are left out" in page_of(plain, 4)
