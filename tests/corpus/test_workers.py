"""Processes that are killed at every moment: no part is lost, and an error waits for what is finished."""

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from foldformer.corpus import CorpusError, RunOptions, embed_corpus
from foldformer.corpus.output.fingerprint import part_metadata
from foldformer.corpus.output.local import LocalFolder
from foldformer.corpus.output.storage import Storage
from foldformer.corpus.runs.part_maker import PartMaker
from foldformer.corpus.runs.plan import PartLimits, PlanEnd, plan_parts
from foldformer.corpus.runs.workers import MOST_DEATHS, make_in_workers

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc")


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def workers_of_this_process() -> list[int]:
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [int(each) for each in children if is_worker(each)]


def is_worker(process: str) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:  # it has ended
        return False


def kill_one() -> bool:
    for worker in workers_of_this_process()[:1]:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        return True
    return False


@pytest.fixture
def maker(embedder, tmp_path) -> PartMaker:
    (tmp_path / "out").mkdir()
    storage = Storage(embedder.dim, "float32")
    return PartMaker(LocalFolder(tmp_path / "out"), storage, part_metadata(embedder, storage))


@pytest.fixture
def tasks(corpus, embedder) -> list:
    """Six parts and the end."""
    return list(plan_parts(corpus, PartLimits(10, 2**30, 4 * embedder.dim, "wordpiece")))


def test_workers_that_are_killed_at_any_moment_lose_no_part(tasks, maker, embedder, corpus, part_bytes, tmp_path):
    # takes half a minute: starts some six processes, each of which imports torch
    kills = 0

    def read():
        nonlocal kills
        for number, task in enumerate(tasks):
            if number in (2, len(tasks) - 1):
                kills += kill_one()
            yield task

    made = []
    for result in make_in_workers(read(), maker, embedder, 2):
        made.append(result)
        if len(made) == 3:
            kills += kill_one()
    assert kills == 3
    assert made[-1] == PlanEnd(6, 60)
    assert sorted(each.part.index for each in made[:-1]) == list(range(6))
    embed_corpus(corpus, tmp_path / "whole", embedder, RunOptions("float32", 10))
    assert part_bytes(tmp_path / "out") == part_bytes(tmp_path / "whole")


def test_error_in_the_input_waits_for_the_parts_that_are_being_made(tasks, maker, embedder):
    def read():
        yield from tasks[:2]
        raise CorpusError("the input ends here")

    results = []
    with pytest.raises(CorpusError, match="the input ends here"):
        results.extend(each.part.index for each in make_in_workers(read(), maker, embedder, 2))
    assert sorted(results) == [0, 1]


def test_workers_that_die_one_after_the_other_end_the_run_in_one_line(tasks, maker, embedder):
    done = threading.Event()

    def kill_all():
        while not done.wait(0.1):
            kill_one()

    thread = threading.Thread(target=kill_all)
    thread.start()
    try:
        with pytest.raises(CorpusError, match=f"workers: {MOST_DEATHS + 1} processes were killed"):
            list(make_in_workers(iter(tasks), maker, embedder, 1))
    finally:
        done.set()
        thread.join()
