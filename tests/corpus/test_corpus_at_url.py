"""Subcommands and `load_corpus` on a URL do what they do on a folder, and read no more than they must."""

import shutil

import pytest
from typer.testing import CliRunner

from foldformer.commands import app
from foldformer.corpus import DocumentEmbedder, Input, RunOptions, Shard, embed_corpus, load_corpus
from foldformer.corpus.output.places import output_folder

NUM_LARGE = 60


def said(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments], prog_name="foldformer")
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def both(corpus, embedder, url, tmp_path) -> tuple[str, str]:
    """The same corpus in a folder and in a store."""
    embed_corpus(corpus, tmp_path / "out", embedder, RunOptions("float32", 7))
    shutil.copytree(tmp_path / "out", tmp_path / "copied")
    store = output_folder(url)._store
    for path in (tmp_path / "copied").glob("[_p]*"):
        store.put(path.name, path)
    return str(tmp_path / "out"), url


@pytest.mark.parametrize(
    "arguments",
    [["info"], ["info", "--format", "json"], ["verify"], ["search", "the quick [fox]", "--top", "4"]],
    ids=" ".join,
)
def test_subcommand_says_the_same_of_a_url_as_of_a_folder(arguments, both):
    folder, url = both
    name, *rest = arguments
    assert said("corpus", name, url, *rest) == said("corpus", name, folder, *rest)


def test_page_of_a_url_is_that_of_a_folder(both, tmp_path):
    folder, url = both
    pages = []
    for number, place in enumerate(both):
        said("corpus", "show", place, "d9", "--html", tmp_path / f"{number}.html")
        pages.append((tmp_path / f"{number}.html").read_text(encoding="utf-8"))
    assert pages[0] == pages[1].replace(url, folder)


def test_damage_at_a_url_is_named(both):
    _, url = both
    output_folder(url)._store.delete("part-00004.parquet")
    result = CliRunner().invoke(app, ["corpus", "verify", url], prog_name="foldformer")
    assert result.exit_code == 1
    assert "part-00004.parquet: is not there" in result.output


def test_shards_at_a_url_are_merged_as_those_in_a_folder_are(corpus, embedder, url, tmp_path):
    for output in (url, tmp_path / "out"):
        for number in (1, 2):
            embed_corpus(corpus, output, embedder, RunOptions("float32", 7, shard=Shard(number, 2)))
    assert said("corpus", "merge", url) == said("corpus", "merge", tmp_path / "out")


def test_dataset_is_of_the_store_that_the_environment_names_now(both, stores, endpoint, monkeypatch):
    _, url = both
    faults = stores.Faults()
    with stores.proxy(endpoint, faults) as address:
        stores.use(monkeypatch, address)
        expected = load_corpus(url).dataset().to_table(columns=["id"])
    faults.forbid_after = 0  # connections that are still open
    stores.use(monkeypatch, endpoint)
    assert load_corpus(url).dataset().to_table(columns=["id"]).equals(expected)


@pytest.fixture
def large(tiny_model, url, text_of, tmp_path) -> tuple[str, int]:
    """One part with row groups that are far larger than what a footer takes, and its size."""
    path = tmp_path / "large.txt"
    path.write_text("".join(" ".join(text_of(j) for j in range(i, i + 24)) + "\n" for i in range(NUM_LARGE)))
    embedder = DocumentEmbedder.from_model(tiny_model("bert"), max_length=96)
    summary = embed_corpus(Input([str(path)]), url, embedder, RunOptions("float32"))
    assert summary.num_parts == 1
    return url, summary.num_bytes


@pytest.mark.parametrize(
    ("look", "most"),
    [
        (lambda url: said("corpus", "info", url), 0.001),
        (lambda url: load_corpus(url)[0], 0.35),
        (lambda url: load_corpus(url)[str(NUM_LARGE - 1)], 0.35),
        (lambda url: load_corpus(url).dataset().to_table(columns=["id"]), 0.2),
        (lambda url: said("corpus", "verify", url), 1.5),
        (lambda url: [document.id for document in load_corpus(url)], 1.1),
    ],
    ids=["info", "a place", "an id", "a column", "verify", "all"],
)
def test_no_more_is_read_than_must_be(look, most, large, stores, endpoint, monkeypatch):
    url, size = large
    watching = stores.Faults()
    with stores.proxy(endpoint, watching) as address:
        stores.use(monkeypatch, address)
        look(url)
    assert 0 < watching.bytes_read <= most * size
