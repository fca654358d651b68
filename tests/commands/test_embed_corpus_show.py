"""`foldformer embed`, `corpus` and `show`, as a user types them."""

import json
import re
import shutil
import signal
from html.parser import HTMLParser

import pyarrow.parquet as pq
import pytest

from foldformer.commands.embed.command import EmbedCommand, app
from foldformer.commands.embed.output_options import parse_size
from foldformer.config import ConfigurationError

LINES = ["the quick brown fox", "", "a bank may lend money and the river has a bank as well", "the lazy dog"]


@pytest.fixture
def model(tiny_model) -> str:
    return tiny_model("bert")


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("\n".join(LINES) + "\n")
    return path


@pytest.fixture
def embedded(run, model, text_file, tmp_path):
    """A corpus at the level of words."""
    result = run("embed", str(text_file), "--output", str(tmp_path / "out"), "--model", model, "--level", "word")
    assert result.exit_code == 0, result.stderr
    return tmp_path / "out"


def test_embed_says_how_many_documents_wordpieces_and_segments(run, model, text_file, tmp_path):
    result = run("embed", str(text_file), "--output", str(tmp_path / "out"), "--model", model, "--max-length", "12")
    assert result.exit_code == 0, result.stderr
    assert "reading 1 file (one document per line)" in result.stderr
    table = pq.read_table(tmp_path / "out/part-00000.parquet")
    num_wordpieces = sum(map(len, table["pieces"].to_pylist()))
    num_segments = sum(table["num_segments"].to_pylist())
    assert num_segments == sum(-(-len(pieces) // 10) for pieces in table["pieces"].to_pylist())
    assert f"4 documents, {num_wordpieces} wordpieces, {num_segments} segments" in result.output
    assert "1 part," in result.output


def test_command_line_wins_over_the_file(run, model, text_file, tmp_path):
    config = tmp_path / "embed.jsonnet"
    config.write_text(f'{{type: "embed", model_name: "{model}", level: "word", max_length: 20}}')
    arguments = ["embed", str(text_file), "--config", str(config)]
    assert run(*arguments, "--output", str(tmp_path / "a")).exit_code == 0
    assert run(*arguments, "--output", str(tmp_path / "b"), "--level", "document").exit_code == 0
    described = [
        json.loads((tmp_path / name / "_manifest.json").read_text())["fingerprint"]["embedder"] for name in "ab"
    ]
    assert [(each["level"], each["max_length"]) for each in described] == [("word", 20), ("document", 20)]


def test_embed_pools_documents_as_asked(run, model, text_file, tmp_path):
    def vectors(*options):
        result = run("embed", str(text_file), "--output", str(tmp_path / "out"), "--force", "--model", model, *options)
        assert result.exit_code == 0, result.stderr
        return result.stderr, pq.read_table(tmp_path / "out/part-00000.parquet")["vectors"].to_pylist()

    said, plain = vectors("--level", "document")
    assert "modules.json" not in said
    found = {json.dumps(plain)}
    for mode in ("max", "sum", "first", "last", "cls", "cls_pooled"):
        found.add(json.dumps(vectors("--level", "document", "--document-mode", mode)[1]))
    found.add(json.dumps(vectors("--level", "document", "--pool-special-tokens")[1]))
    assert len(found) == 8


def test_embed_pools_as_the_model_says_when_told(run, model, text_file, tmp_path):
    folder = shutil.copytree(model, tmp_path / "model")
    modules = [{"idx": 0, "path": "", "type": "a.Transformer"}, {"idx": 1, "path": "1_Pooling", "type": "a.Pooling"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls"}')
    start = ["embed", str(text_file), "--model", str(folder), "--level", "document"]
    described = {}
    for name, options in (("a", []), ("b", ["--document-mode", "model"]), ("c", ["--document-mode", "avg"])):
        result = run(*start, *options, "--output", str(tmp_path / name))
        assert result.exit_code == 0, result.stderr
        assert ("says in modules.json how its documents are pooled: --document-mode model" in result.stderr) == (
            name == "a"
        )
        said = json.loads((tmp_path / name / "_manifest.json").read_text())["fingerprint"]["embedder"]
        described[name] = said["mode"], said.get("pool_special_tokens", False)
    assert described == {"a": ("avg", False), "b": ("first", True), "c": ("avg", False)}
    assert run("corpus", "search", str(tmp_path / "b"), "the lazy dog", "--top", "1").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "{model}", "--document-mode", "cls"], '--document-mode: got "cls"; expected --level document'),
        (["--model", "{model}", "--pool-special-tokens"], "--pool-special-tokens: got true; expected --level document"),
        (["--model", "{model}", "--level", "document", "--document-mode", "mean"], 'got "mean"; expected "avg"'),
        ([], "neither --model nor --config"),
        (["--config", "{folder}/train.json"], '"embed"'),
        (["--model", "{folder}/nothing"], "there is no folder"),
        (["--model", "{model}", "--max-length", "2"], "max_length"),
        (["--model", "{model}", "--max-length", "97"], "96"),
        (["--model", "{model}", "--shard", "3/2"], "expected I/N"),
        (["--model", "{model}", "--part-size", "big"], "expected a size"),
        (["--model", "{model}", "--workers", "0"], "--workers: got 0"),
        (["--model", "{model}", "--keep", "text:txt"], "--keep"),
        (["--model", "{model}", "--rows-per-part", "0"], "--rows-per-part"),
        (["--model", "{model}", "--output", "{folder}"], "in.txt lies; expected a folder without input"),
        (["--model", "{model}", "--output", "{folder}/taken"], "expected an empty folder"),
        (
            ["--model", "{model}", "--level", "wrd"],
            '--level: got "wrd"; expected "wordpiece", "word", "span" or "document"; did you mean "word"?',
        ),
        (["--model", "{model}", "--layers", "all"], '--layers: got "all"; expected "last" or "mix"'),
        (["--model", "{model}", "--dtype", "float23"], 'did you mean "float32"'),
        (["--model", "{model}", "--on-error", "skp"], 'did you mean "skip"'),
        (["--model", "{model}", "--input-format", "txt"], 'did you mean "text"'),
        (["--model", "{model}", "--conllu-unit", "sentnce"], 'did you mean "sentence"'),
        (["--model", "{model}", "--storage-dtype", "int9"], 'did you mean "int8"'),
        (["--model", "{model}", "--device", "cud"], 'did you mean "cuda"'),
        (["--model", "{model}", "--batch-tokens", "0"], "batch_tokens: got 0"),
        (["--model", "{model}", "--batch-tokens", "-1"], "batch_tokens: got -1"),
        (["--config", "{folder}/typo.jsonnet"], "embedder.max_lenght: "),
        (["--config", "{folder}/inside.jsonnet"], "embedder.last_layer_only: got false"),
        (["--model", "{model}", "--output", "{folder}/in.txt"], "in.txt"),
        (["--model", "{model}", "--output", "{folder}/in.txt/below"], "cannot be written to"),
    ],
)
def test_what_is_typed_wrongly_is_one_line_and_status_1(arguments, message, run, model, text_file, tmp_path):
    (tmp_path / "train.json").write_text('{"model": {}}')
    for name, inside in (("typo", "max_lenght: 3"), ("inside", "last_layer_only: false")):
        text = f'{{type: "embed", model_name: "{model}", embedder: {{{inside}}}}}'
        (tmp_path / f"{name}.jsonnet").write_text(text)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/mine.txt").write_text("mine")
    filled = [argument.format(folder=tmp_path, model=model) for argument in arguments]
    result = run("embed", str(text_file), "--output", str(tmp_path / "out"), *filled)
    assert result.exit_code == 1
    assert [line.startswith("error: ") for line in result.stderr.splitlines()].count(True) == 1
    assert message in result.stderr


def test_help_shows_choices_and_their_defaults(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    shown = " ".join(run("embed", "--help").output.replace("│", " ").split())
    assert "[wordpiece|word|span|document]" in shown
    assert "[default: float16]" in shown


def test_input_that_is_not_there_is_told(run, model, tmp_path):
    result = run("embed", str(tmp_path / "in.txt"), "--output", str(tmp_path / "out"), "--model", model)
    assert result.exit_code == 1
    assert "expected an existing file" in result.stderr
    assert not (tmp_path / "out").exists()


def test_skipped_records_change_the_exit_status_and_are_listed(run, model, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "a"}\nnothing\n')
    arguments = ["embed", str(tmp_path / "in.jsonl"), "--output", str(tmp_path / "out"), "--model", model]
    failed = run(*arguments)
    assert failed.exit_code == 1
    assert "in.jsonl:2: got malformed JSON" in failed.stderr
    skipped = run(*arguments, "--on-error", "skip")
    assert skipped.exit_code == 3
    assert "1 record skipped" in skipped.stderr
    assert json.loads((tmp_path / "out/_errors.jsonl").read_text())["position"] == 1


def test_handler_of_terminations_is_the_callers_again(embedded):
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize(
    ("arguments", "address"),
    [(["--ray", "in.txt"], "local"), (["in.txt", "--ray"], "local"), (["--ray", "auto", "in.txt"], "auto"),
     (["--ray", "head-1:6379", "in.txt"], "head-1:6379"), (["--ray", "ray://head:10001", "in.txt"], "ray://head:10001"),
     (["--ray=local", "in.txt"], "local"), (["in.txt"], None)],
)  # fmt: skip
def test_address_of_the_cluster_may_be_left_out(arguments, address):
    from typer.main import get_command

    command = get_command(app)
    assert isinstance(command, EmbedCommand)
    context = command.make_context("embed", [*arguments, "--output", "out"])
    assert context.params["ray"] == address
    assert context.params["inputs"] == ["in.txt"]


@pytest.mark.parametrize(
    ("text", "size"), [("500", 500), ("1KB", 1024), ("1.5m", 3 * 2**19), ("2 GiB", 2**31), ("1tb", 2**40)]
)
def test_sizes_are_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "-1", "1 XB", "MB"])
def test_sizes_that_are_none_are_refused(text):
    with pytest.raises(ConfigurationError, match="--part-size"):
        parse_size(text)


def test_corpus_info_tells_what_is_there(run, embedded):
    result = run("corpus", "info", str(embedded), "--format", "json")
    data = json.loads(result.output)
    assert (data["documents"], data["vectors"], data["skipped"]) == (4, sum(len(line.split()) for line in LINES), 0)
    assert (data["level"], data["complete"], data["parts"]) == ("word", True, 1)
    assert data["bytes"] == (embedded / "part-00000.parquet").stat().st_size
    assert "storage dtype" in run("corpus", "info", str(embedded)).output


def test_corpus_verify_names_what_is_damaged(run, embedded):
    assert run("corpus", "verify", str(embedded)).exit_code == 0
    path = embedded / "part-00000.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    result = run("corpus", "verify", str(embedded))
    assert result.exit_code == 1
    assert "part-00000.parquet: has another checksum" in result.output


def test_corpus_search_shows_the_word_in_its_context(run, embedded):
    arguments = ["corpus", "search", str(embedded), f"{LINES[2].replace('river', '[river]')}", "--top", "2"]
    (first, _) = json.loads(run(*arguments, "--format", "json").output)
    assert (first["id"], first["piece"]) == ("2", "river")
    assert first["score"] == pytest.approx(1, abs=1e-3)
    assert "and the [river] has a bank" in run(*arguments).output


def test_corpus_merge_joins_shards(run, model, text_file, tmp_path):
    arguments = ["embed", str(text_file), "--output", str(tmp_path / "out"), "--model", model, "--rows-per-part", "1"]
    assert run(*arguments, "--shard", "1/2").exit_code == 0
    assert "have not begun" in run("corpus", "merge", str(tmp_path / "out")).stderr
    assert run(*arguments, "--shard", "2/2").exit_code == 0
    result = run("corpus", "merge", str(tmp_path / "out"))
    assert "4 parts with 4 documents" in result.output


def folded_lines(output: str) -> list[list[str]]:
    folded = output.split("folded\n")[1].split("\nstitched")[0]
    return [line.split()[1:] for line in folded.splitlines() if re.match(r" +\d+ ", line)]


def test_show_draws_segments_and_what_is_stitched(run, model, tmp_path, tiny_model):
    from transformers import AutoTokenizer

    text = "the quick brown fox jumps over the lazy dog and never stops."
    result = run("show", text, "--model", model, "--max-length", "8")
    pieces = AutoTokenizer.from_pretrained(model).tokenize(text)
    lines = folded_lines(result.output)
    assert all(line[0] == "[CLS]" and line[-1] == "[SEP]" and len(line) <= 8 for line in lines)
    assert [piece for line in lines for piece in line[1:-1]] == pieces
    assert result.output.split("stitched\n")[1].split() == pieces
    (tmp_path / "text.txt").write_text(text)
    assert run("show", str(tmp_path / "text.txt"), "--model", model, "--max-length", "8").output == result.output


def test_show_cuts_long_drawings_short_and_says_so(run, model):
    result = run("show", "a b c d e f g h i j", "--model", model, "--max-length", "3", "--segments", "4")
    assert len(folded_lines(result.output)) == 4
    assert "and 6 more segments" in result.output


class Reader(HTMLParser):
    """Collects the texts of elements by their class."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.links += [attributes[name] for name in ("src", "href") if name in attributes]
        if tag not in ("meta", "br"):
            self.stack.append((attributes.get("class") or "").split(" ")[0])

    def handle_endtag(self, tag):
        self.stack.pop()

    def handle_data(self, data):
        self.texts.setdefault(self.stack[-1] if self.stack else "", []).append(data)


def test_page_is_whole_by_itself_and_shows_every_wordpiece_three_times(run, model, tmp_path):
    text = 'The <b>fox</b> & the "dog" 🙂\nnever stops.'
    result = run("show", text, "--model", model, "--max-length", "8", "--html", str(tmp_path / "page.html"))
    assert result.exit_code == 0, result.stderr
    page = (tmp_path / "page.html").read_text()
    reader = Reader()
    reader.feed(page)
    pieces = [piece for line in folded_lines(result.output) for piece in line[1:-1]]
    assert reader.texts["w"] == pieces * 2
    assert len(set(re.findall(r'class="t [^"]*" data-i="(\d+)"', page))) == len(pieces)
    spans = "".join(part for kind in ("card", "t") for part in reader.texts[kind])
    assert sorted("".join(spans.split())) == sorted("".join(text.split()))
    assert reader.links == []
    assert "://" not in page


@pytest.mark.parametrize(("max_length", "message"), [("2", "max_length"), ("1000", "expected at most 96")])
def test_show_refuses_lengths_that_do_not_fit_the_model(max_length, message, run, model):
    result = run("show", "a text", "--model", model, "--max-length", max_length)
    assert result.exit_code == 1
    assert message in result.stderr


def test_show_of_nothing_has_no_segment(run, model):
    assert "0 wordpieces in 0 segments of at most 96" in run("show", "", "--model", model).output


def test_show_underlines_what_segments_share(run, model, tmp_path):
    page = tmp_path / "page.html"
    arguments = ["--model", model, "--max-length", "8", "--overlap", "3", "--html", str(page)]
    result = run("show", "a a a a a a a a a a", *arguments)
    assert result.exit_code == 0, result.stderr
    assert "10 wordpieces in 3 segments of at most 8" in result.output
    assert "6 wordpieces in several segments (underlined); 22 run" in result.output
    folded, stitched = result.output.partition("stitched")[::2]
    assert folded.split().count("a") == 16
    assert stitched.split().count("a") == 10
    html = page.read_text()
    assert html.count('class="w c') == 16 + 10
    assert html.count(' d" data-i') == 12 + 6 + 6
    assert "Underlined: 6 wordpieces" in html


def test_show_cuts_at_words(run, model):
    result = run("show", "quick brown quick brown", "--model", model, "--max-length", "9", "--cut", "word")
    lines = [line for line in result.output.partition("stitched")[0].splitlines() if "[CLS]" in line]
    assert not any(line.split()[2].startswith("##") for line in lines)
