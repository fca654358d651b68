"""The example of passages in context, as a user runs it."""

import subprocess
import sys
from pathlib import Path

from transformers import AutoTokenizer

EXAMPLE = Path(__file__).parents[2] / "examples" / "passages_in_context.py"
SHARED = "a bank may lend money and never stops"
ONE = ["the quick brown fox", SHARED, "the lazy dog"]
TWO = ["In the beginning was the word", "quick quick", SHARED, "a river has one"]


def run(folder: Path, model: str) -> subprocess.CompletedProcess:
    files = [folder / "one.txt", folder / "two.txt"]
    command = [sys.executable, str(EXAMPLE), *map(str, files), "--model", model, "--max-length", "30", "--overlap", "9"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_shared_passage_has_neighbours_of_its_own_in_each_document(tiny_model, tmp_path) -> None:
    model = tiny_model("bert")
    assert len(AutoTokenizer.from_pretrained(model).tokenize(" ".join(ONE))) > 28  # more than one segment
    (tmp_path / "one.txt").write_text("\n".join(ONE) + "\n\n")
    (tmp_path / "two.txt").write_text("\n".join(TWO))
    finished = run(tmp_path, model)
    assert finished.returncode == 0, finished.stderr
    head, alone, one, two = finished.stdout.split("\n\n")
    assert head == f"passage: {SHARED}"
    assert [part.splitlines()[0] for part in (alone, one, two)] == ["alone:", "in one:", "in two:"]
    cosines = [[line.split()[0] for line in part.splitlines()[1:]] for part in (alone, one, two)]
    assert all(len(found) == 3 for found in cosines)
    assert cosines[0] != cosines[1] != cosines[2]
    assert SHARED not in one + two


def test_files_without_a_shared_line_are_refused(tiny_model, tmp_path) -> None:
    (tmp_path / "one.txt").write_text("a")
    (tmp_path / "two.txt").write_text("b")
    finished = run(tmp_path, tiny_model("bert"))
    assert finished.returncode == 1
    assert "share no line; expected one passage in both" in finished.stderr
