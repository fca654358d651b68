"""Jsonnet that would never end, or take all memory: one line says so, and the next file is evaluated."""

import multiprocessing
import os
import subprocess
import sys
import time

import pytest

from foldformer.config import ConfigurationError
from foldformer.config.read.jsonnet import read_file, read_text

ENDLESS = "local f(n) = if n == 0 then 0 else f(n - 1) + f(n - 1); {x: f(90)}"
GREEDY = ("std.repeat('x', 1e10)", "[std.repeat('x', 1e8 + i) for i in std.range(1, 1e9)]")


def refused(text, match):
    with pytest.raises(ConfigurationError, match=match) as caught:
        read_text(text, source="evil.jsonnet")
    assert str(caught.value).startswith("evil.jsonnet: ")
    assert "\n" not in str(caught.value)
    assert read_text("{a: 1 + 1}", source="next.jsonnet") == {"a": 2}


def test_evaluation_without_end_is_stopped(monkeypatch):
    monkeypatch.setenv("FOLDFORMER_MAX_JSONNET_SECONDS", "0.5")
    started = time.monotonic()
    with pytest.raises(ConfigurationError, match=r"takes more than 0\.5 s \(FOLDFORMER_MAX_JSONNET_SECONDS\)"):
        read_text(ENDLESS, source="evil.jsonnet")
    assert time.monotonic() - started < 20
    monkeypatch.delenv("FOLDFORMER_MAX_JSONNET_SECONDS")
    assert read_text("{a: 1 + 1}", source="next.jsonnet") == {"a": 2}


@pytest.mark.parametrize("text", GREEDY)
def test_memory_is_bounded(monkeypatch, text):
    monkeypatch.setenv("FOLDFORMER_MAX_JSONNET_GB", "0.2")
    refused(text, r"takes more than 0\.2 GB \(FOLDFORMER_MAX_JSONNET_GB\)")


def test_result_is_bounded():
    refused(
        "local a = std.repeat('x', 1e6); [a for _ in std.range(1, 11)]", "evaluates to more than 10,000,000 characters"
    )


@pytest.mark.parametrize("value", ["0", "-1", "much", "nan"])
def test_bounds_are_numbers(monkeypatch, value):
    monkeypatch.setenv("FOLDFORMER_MAX_JSONNET_SECONDS", value)
    with pytest.raises(ConfigurationError, match="expected a number above 0"):
        read_text("{}", source="x")


def test_imports_and_their_errors_are_those_of_this_process(tmp_path):
    (tmp_path / "a.jsonnet").write_text('(import "b/b.libsonnet") + {text: importstr "ü.txt"}')
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "b.libsonnet").write_text('{b: (import "../c.libsonnet")}')
    (tmp_path / "c.libsonnet").write_text("3")
    (tmp_path / "ü.txt").write_text("ä\n", encoding="utf-8")
    assert read_file(tmp_path / "a.jsonnet") == {"b": 3, "text": "ä\n"}
    (tmp_path / "c.libsonnet").unlink()
    with pytest.raises(ConfigurationError, match="no such file"):
        read_file(tmp_path / "a.jsonnet")
    assert read_text("1", source="x") == 1


def in_a_fork(queue):
    queue.put((os.getpid(), read_text("{a: 2 * 3}", source="x")["a"]))


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_has_an_evaluator_of_its_own():
    assert read_text("1", source="x") == 1
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    processes = [context.Process(target=in_a_fork, args=(queue,)) for _ in range(2)]
    for process in processes:
        process.start()
    assert [each[1] for each in (queue.get(timeout=60), queue.get(timeout=60))] == [6, 6]
    for process in processes:
        process.join()
    assert read_text("{a: 1 + 1}", source="x") == {"a": 2}


def test_evaluator_is_gone_when_the_program_is():
    code = (
        "from foldformer.config.read import evaluation as e; from foldformer.config.read.jsonnet import read_text;"
        "read_text('1 + 1', source='x'); print(e._shared._evaluator._process.pid)"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(run.stdout), 0)
