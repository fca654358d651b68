"""Make parts in several processes of one machine, which share one copy of the weights."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

import torch
from torch import multiprocessing

from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.runs.part_maker import MadePart, PartMaker
from foldformer.corpus.runs.plan import PartTask, PlanEnd
from foldformer.embedding.document_embedder import DocumentEmbedder

MOST_DEATHS = 3
"""Of workers in a row, without a part in between, before the run gives up."""

_state: dict[str, object] = {}
"""The maker and the embedder of a worker process; each process has a state of its own."""


def make_in_workers(
    tasks: Iterator[PartTask | PlanEnd], maker: PartMaker, embedder: DocumentEmbedder, num_workers: int
) -> Iterator[MadePart | PlanEnd]:
    """Make parts in processes, and yield them as they are ready.

    The weights are moved to shared memory, so that more processes need no more copies of them; the processor's threads
    are divided. What a process that dies was at is made again.

    Raises:
        CorpusError: Processes die one after the other, or a record cannot be embedded and errors are to end the run.
        OSError: The disk is full, for instance.
    """
    num_threads = max(1, torch.get_num_threads() // num_workers)
    pool = _Pool(maker, embedder, num_workers, num_threads)
    try:
        yield from pool.results(tasks)
    finally:
        pool.close()


class _Pool:
    """Processes that are replaced when they die."""

    def __init__(self, maker: PartMaker, embedder: DocumentEmbedder, num_workers: int, num_threads: int) -> None:
        self._arguments = (maker, embedder, num_threads)
        self._num_workers = num_workers
        self._running: dict[Future[MadePart], PartTask] = {}
        self._deaths = 0
        self._executor = self._start()

    def results(self, tasks: Iterator[PartTask | PlanEnd]) -> Iterator[MadePart | PlanEnd]:
        """Keep every process busy, with one more part waiting, and no more."""
        ends: list[PlanEnd] = []
        self._submit(tasks, self._num_workers + 1, ends)
        while self._running:
            finished, _ = wait(self._running, return_when=FIRST_COMPLETED)
            try:
                made = [future.result() for future in finished]
            except BrokenProcessPool as error:
                yield from self._restart(error)
                continue
            for future in finished:
                del self._running[future]
            self._deaths = 0
            self._submit(tasks, len(made), ends)
            yield from made
        yield from ends

    def close(self) -> None:
        """End the processes, whatever they are at: an unfinished part leaves nothing."""
        for process in list((self._executor._processes or {}).values()):
            process.terminate()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _submit(self, tasks: Iterator[PartTask | PlanEnd], count: int, ends: list[PlanEnd]) -> None:
        for task in islice(tasks, count):
            if isinstance(task, PlanEnd):
                ends.append(task)
            else:
                self._running[self._executor.submit(_make, task)] = task

    def _restart(self, error: BrokenProcessPool) -> Iterator[MadePart]:
        """Begin anew with what the dead were at; yield what had been made before that."""
        self._deaths += 1
        if self._deaths > MOST_DEATHS:
            raise CorpusError(
                f"--workers: {self._deaths} processes were killed one after the other, perhaps for want of memory; "
                "all parts so far stay; go on with fewer workers or with smaller parts (--part-size)"
            ) from error
        lost = []
        for future, task in self._running.items():
            if future.done() and future.exception() is None:
                yield future.result()
            else:
                lost.append(task)
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._start()
        self._running = {self._executor.submit(_make, task): task for task in lost}

    def _start(self) -> ProcessPoolExecutor:
        # Not forked: a fork of a process in which OpenMP has threads hangs at its first matrix product.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._num_workers, context, _begin, self._arguments)


def _begin(maker: PartMaker, embedder: DocumentEmbedder, num_threads: int) -> None:
    # Ctrl-C goes to the whole group; the parent decides what becomes of the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    torch.set_num_threads(num_threads)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _state.update(maker=maker, embedder=embedder)


def _die_with_parent() -> None:
    """Leave no worker behind when the run is killed: it could still write when the next run has begun."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "workers are children"
    parent.join()
    os._exit(1)


def _make(task: PartTask) -> MadePart:
    maker, embedder = _state["maker"], _state["embedder"]
    assert isinstance(maker, PartMaker)
    assert isinstance(embedder, DocumentEmbedder)
    return maker.make(task, embedder)
