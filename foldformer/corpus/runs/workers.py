"""Make parts in several processes of one machine, which share one copy of the weights."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

import torch
from torch import multiprocessing

from foldformer.config import ConfigurationError
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
    are divided. The part of a process that dies is made again. An error ends the run once the parts that are being made
    are finished and yielded.

    Raises:
        CorpusError: Processes die one after the other, or a record cannot be embedded and errors are to end the run.
        OSError: The disk is full, for instance.
    """
    num_threads = max(1, torch.get_num_threads() // num_workers)
    pool = _Pool([_Worker(maker, embedder, num_threads) for _ in range(num_workers)])
    try:
        yield from pool.results(tasks)
    finally:
        pool.close()


class _Worker:
    """A process that makes one part at a time. Each is an executor of its own, so that one death ends one task."""

    def __init__(self, maker: PartMaker, embedder: DocumentEmbedder, num_threads: int) -> None:
        self._arguments = (maker, embedder, num_threads)
        self._executor = self._started()

    def submit(self, task: PartTask) -> Future[MadePart]:
        return self._executor.submit(_make, task)

    def restart(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._started()

    def end(self) -> None:
        """End the process at once: an unfinished part leaves nothing."""
        for process in list((self._executor._processes or {}).values()):
            process.terminate()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        # Not forked: a fork of a process in which OpenMP has threads hangs at its first matrix product.
        return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin, self._arguments)


class _Pool:
    """Gives tasks to workers, and again where a worker died."""

    def __init__(self, workers: list[_Worker]) -> None:
        self._workers = workers
        self._idle = list(workers)
        self._running: dict[Future[MadePart], tuple[_Worker, PartTask]] = {}
        self._again: list[PartTask] = []
        self._end: PlanEnd | None = None
        self._failure: BaseException | None = None
        self._deaths = 0

    def results(self, tasks: Iterator[PartTask | PlanEnd]) -> Iterator[MadePart | PlanEnd]:
        """Keep every worker busy, and have the next part read when one of them is ready."""
        ahead = self._read(tasks)
        while True:
            while self._idle and ahead is not None:
                self._give(self._idle.pop(), ahead)
                ahead = self._read(tasks)
            if not self._running:
                break
            finished, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield from self._result(future)
            if ahead is None:
                ahead = self._read(tasks)
        if self._failure is not None:
            raise self._failure
        if self._end is not None:
            yield self._end

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.end()

    def _read(self, tasks: Iterator[PartTask | PlanEnd]) -> PartTask | None:
        """The next task; none after an error, which is raised when the parts that are being made are finished."""
        if self._failure is not None:
            return None
        if self._again:
            return self._again.pop()
        if self._end is not None:
            return None
        try:
            task = next(tasks, None)
        except (ConfigurationError, OSError) as error:
            self._failure = error
            return None
        if isinstance(task, PlanEnd):
            self._end = task
            return None
        return task

    def _give(self, worker: _Worker, task: PartTask) -> None:
        try:
            self._running[worker.submit(task)] = (worker, task)
        except BrokenProcessPool as error:  # it died with nothing to do
            self._bury(worker, task, error)

    def _result(self, future: Future[MadePart]) -> Iterator[MadePart]:
        worker, task = self._running.pop(future)
        error = future.exception()
        if isinstance(error, BrokenProcessPool):
            self._bury(worker, task, error)
            return
        self._idle.append(worker)
        if error is None:
            self._deaths = 0
            yield future.result()
        else:
            self._failure = self._failure or error

    def _bury(self, worker: _Worker, task: PartTask, error: BrokenProcessPool) -> None:
        """Replace a worker that died, and have its part made again."""
        self._deaths += 1
        if self._deaths > MOST_DEATHS:
            self._failure = CorpusError(
                f"workers: {self._deaths} processes were killed one after the other, out of memory perhaps; all parts "
                "so far stay; go on with fewer workers or with smaller parts (--part-size)"
            )
            self._failure.__cause__ = error
            return
        worker.restart()
        self._idle.append(worker)
        self._again.append(task)


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
