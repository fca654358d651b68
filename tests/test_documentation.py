"""Every snippet of the README and of docs/ does what the page says. `run_page.py` explains the convention."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
RUNNER = Path(__file__).with_name("run_page.py")
FILE = re.compile(r"\b(?:foldformer|embedders|indexers|tests|benchmarks|examples|training_configs)/[\w/]+\.\w+")
PAGES = sorted(page for page in [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")] if page.is_file())


def run(page: Path, folder: Path) -> subprocess.CompletedProcess:
    # A process of its own, since snippets register components, which would be there for the other tests too.
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "COLUMNS": "120", "NO_COLOR": "1"}
    command = [sys.executable, str(RUNNER), str(page)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_snippets_of_the_page_do_what_it_says(page: Path, tmp_path: Path, request: pytest.FixtureRequest):
    if "tiny-bert" in page.read_text(encoding="utf-8"):
        shutil.copytree(request.getfixturevalue("tiny_bert_folder"), tmp_path / "tiny-bert")
    finished = run(page, tmp_path)
    assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"


GOOD = """
<!-- file: data/part.libsonnet -->
```jsonnet
{a: 1}
```
```jsonnet
local part = import "data/part.libsonnet"; part + {b: 2}
```
```python
import json
value = 3
print("one\\ntwo\\nthree")
```
<!-- output -->
```text
one
...
three
```
```python
>>> value
3
>>> range(100)
range(...)
```
<!-- file: good.json -->
```json
{"x": 1}
```
```console
$ foldformer resolve good.json
{
  "x": 1
}
$ NAME=v foldformer resolve good.json --overrides '{y: std.extVar("NAME")}'
{
...
  "y": "..."
}
$ foldformer resolve \\
    good.json
$ some-other-program --flag
$ foldformer resolve missing.json
error: missing.json: no such file...
```
<!-- not run: needs a GPU -->
```python
raise SystemError
```
"""


def test_files_that_the_pages_name_are_there():
    pages = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
    named = {(page.name, path) for page in pages for path in FILE.findall(page.read_text(encoding="utf-8"))}
    assert len(named) > 20
    assert not [(page, path) for page, path in named if not (PROJECT / path).exists()]


def test_page_that_tells_the_truth_passes(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(GOOD)
    finished = run(page, tmp_path)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```python\nassert 1 == 2\n```", 'page.md", line 2'),
        ("```python\nprint(1)\n```\n<!-- output -->\n```\n2\n```", "the page shows\n2"),
        ("```python\nprint(1)\n```\n<!-- output -->\n```\n1\n2\n...\n```", "the page shows"),
        ("```python\n>>> 1\n2\n```", "Expected"),
        ("```jsonnet\n{a: }\n```", "is not Jsonnet"),
        ("```console\n$ foldformer resolve missing.json\n```", "ended with status 1"),
        ("```console\n$ foldformer --version\nfoldformer 999\n```", "foldformer 999"),
        ("<!-- not run -->\n```python\n```", "say why"),
        ("1. In a list:\n\n   ```python\n   raise ValueError('inside')\n   ```", "ValueError: inside"),
    ],
)
def test_page_that_does_not_tell_the_truth_fails(text: str, message: str, tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(text)
    finished = run(page, tmp_path)
    assert finished.returncode != 0
    assert message in finished.stderr
