"""Runs that end badly at any moment, and the next run that makes the same output nevertheless."""

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from foldformer.corpus import CorpusError, Input, RunOptions, embed_corpus
from foldformer.corpus.output.local import LocalFolder

PROGRAM = Path(__file__).with_name("runs_to_kill.py")


@pytest.fixture
def text_file(tmp_path, text_of) -> Path:
    path = tmp_path / "in.txt"
    path.write_text("".join(f"{text_of(i)} {text_of(i + 1)}\n" for i in range(240)))
    return path


def run_program(kind: str, *arguments: object) -> dict:
    """Run the program in a session of its own and give what it prints."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, str(PROGRAM), kind, *map(str, arguments)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_output_after_kills_at_random_moments_is_that_of_an_undisturbed_run(
    tiny_model, text_file, part_bytes, tmp_path
):
    result = run_program("kill", tiny_model("bert"), text_file, tmp_path / "out", 25, 7)
    assert result["killed"] == 25
    whole = part_bytes(tmp_path / "out/first")
    assert len(whole) == 60
    for number in range(result["folders"]):
        folder = tmp_path / f"out/{number}"
        assert part_bytes(folder) == whole
        assert not list(folder.glob(".*.partial"))


def test_termination_leaves_in_an_orderly_way(tiny_model, text_file, part_bytes, tmp_path):
    result = run_program("terminate", tiny_model("bert"), text_file, tmp_path / "out")
    assert 143 in result["statuses"]
    assert set(result["statuses"]) <= {0, 143}
    assert part_bytes(tmp_path / "out/0") == part_bytes(tmp_path / "out/first")


def test_file_that_cannot_grow_at_any_byte_loses_nothing(tiny_model, text_file, part_bytes, tmp_path):
    text_file.write_text("".join(text_file.read_text().splitlines(keepends=True)[:40]))
    result = run_program("limit", tiny_model("bert"), text_file, tmp_path / "out")
    assert result["failed"] > 8
    assert part_bytes(tmp_path / "out/0") == part_bytes(tmp_path / "out/first")


def failure_of(run) -> str | None:
    """The message of the error that ends a run; None where none does."""
    try:
        run()
    except CorpusError as error:
        return str(error)
    return None


def test_full_disk_at_every_step_in_turn_is_survived(corpus, embedder, part_bytes, tmp_path, monkeypatch):
    """Every flush and every rename fails once."""
    options = RunOptions("float32", 15)
    embed_corpus(corpus, tmp_path / "whole", embedder, options)
    real = {"fsync": os.fsync, "replace": Path.replace}
    left = [0]

    def failing(name):
        def call(*arguments):
            left[0] -= 1
            if left[0] == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real[name](*arguments)

        return call

    monkeypatch.setattr(os, "fsync", failing("fsync"))
    monkeypatch.setattr(Path, "replace", failing("replace"))
    step = num_failures = 0
    while True:
        step += 1
        left[0] = step
        folder = tmp_path / f"out{step}"
        message = failure_of(lambda folder=folder: embed_corpus(corpus, folder, embedder, options))
        if message is None:
            break
        num_failures += 1
        assert "No space left on device" in message
        assert not list(folder.glob(".*.partial"))
        left[0] = 0
        embed_corpus(corpus, folder, embedder, options)
        assert part_bytes(folder) == part_bytes(tmp_path / "whole")
    assert num_failures >= 3 * 4  # fsync, rename, fsync of the folder, for each of the parts


def test_second_run_on_a_folder_is_refused_while_the_first_is_at_work(corpus, embedder, part_bytes, tmp_path):
    embed_corpus(corpus, tmp_path / "whole", embedder)
    refusals = []

    class Interferes:
        def resumed(self, parts, damaged):
            pass

        def document(self, document, fraction):
            if not refusals:
                thread = threading.Thread(target=self.second)
                thread.start()
                thread.join()

        def part(self, part, fraction):
            pass

        def second(self):
            try:
                embed_corpus(corpus, tmp_path / "out", embedder)
            except CorpusError as error:
                refusals.append(str(error))

    embed_corpus(corpus, tmp_path / "out", embedder, monitor=Interferes())
    assert len(refusals) == 1
    assert "another run is at work" in refusals[0]
    assert part_bytes(tmp_path / "out") == part_bytes(tmp_path / "whole")


def test_lock_of_a_process_that_was_killed_is_free(tmp_path):
    script = (
        "import os, signal, pathlib; from foldformer.corpus.output.local import LocalFolder\n"
        f"with LocalFolder(pathlib.Path({str(tmp_path)!r})).locked(): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    with LocalFolder(tmp_path).locked():
        pass


def test_leftovers_of_a_crash_are_removed_but_not_those_of_another_shard(corpus, embedder, tmp_path):
    from foldformer.corpus import Shard

    out = tmp_path / "out"
    out.mkdir()
    with LocalFolder(out).unfinished("part-00000.parquet") as own:
        pass
    with LocalFolder(out, Shard(2, 3)).unfinished("part-00001.parquet") as other:
        pass
    own.write_text("half a part")
    other.write_text("half a part")
    embed_corpus(corpus, out, embedder)
    assert not own.exists()
    assert other.exists()


def test_torn_line_in_the_list_of_skipped_records_does_not_count(embedder, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "a"}\n{\n{"text": "b"}\n[\n')
    options = RunOptions(rows_per_part=2, on_error="skip")
    embed_corpus(Input([str(path)]), tmp_path / "out", embedder, options)
    listed = (tmp_path / "out/_errors.jsonl").read_bytes()
    # As a crash between the list and the manifest leaves it: lines of a part that is not there, the last one torn.
    manifest = json.loads((tmp_path / "out/_manifest.json").read_text())
    manifest["parts"].pop()
    (tmp_path / "out/_manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "out/_errors.jsonl").write_bytes(listed[:-5])
    embed_corpus(Input([str(path)]), tmp_path / "out", embedder, options)
    assert (tmp_path / "out/_errors.jsonl").read_bytes() == listed
