"""Make parts in this process."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

from foldformer.config import ConfigurationError
from foldformer.corpus.runs.part_maker import DocumentCallback, Embedder, MadePart, PartMaker
from foldformer.corpus.runs.plan import PartTask, PlanEnd


def make_here(
    tasks: Iterator[PartTask | PlanEnd],
    maker: PartMaker,
    embedder: Embedder,
    listener: Callable[[PartTask], DocumentCallback],
) -> Iterator[MadePart | PlanEnd]:
    """Make one part after the other; while one is on its way to a store, the next is computed.

        compute  0 1 2
        put        0 1 2        an error in part 2 waits until part 1 is recorded

    Raises:
        CorpusError: A record cannot be embedded, and errors are to end the run.
        OSError: The disk is full, for instance.
    """
    if not maker.folder.is_remote:
        for task in tasks:
            yield maker.make(task, embedder, listener(task)) if isinstance(task, PartTask) else task
        return
    with ThreadPoolExecutor(1) as pool:
        on_its_way: Future[MadePart] | None = None
        try:
            for task in tasks:
                with ExitStack() as unless_published:
                    prepared = maker.prepare(task, embedder, listener(task)) if isinstance(task, PartTask) else None
                    if prepared is not None:
                        unless_published.callback(prepared.stack.close)
                    if on_its_way is not None:
                        yield on_its_way.result()
                    unless_published.pop_all()
                on_its_way = None if prepared is None else pool.submit(prepared.publish)
                if not isinstance(task, PartTask):
                    yield task
        except (ConfigurationError, OSError):
            if on_its_way is not None and on_its_way.exception() is None:
                yield on_its_way.result()
            raise
