"""Make the next item while the present one is worked on."""

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

Source = TypeVar("Source")
Item = TypeVar("Item")


def prefetched(sources: Iterator[Source], prepare: Callable[[Source], Item]) -> Iterator[Item]:
    """Yield what is prepared from each source, the next one in a thread meanwhile; never more than one ahead.

    An error is raised where its item would have come. Whoever stops early does not wait for `sources`, which may be
    anybody's and may block for ever, but for `prepare`.
    """
    preparer = _Preparer(sources, prepare)
    try:
        while (prepared := preparer.take()) is not None:
            yield prepared.item
    finally:
        preparer.stop()


class _Prepared(Generic[Item]):
    def __init__(self, item: Item) -> None:
        self.item = item


class _Preparer(Generic[Source, Item]):
    """A thread that makes an item whenever one was taken.

    It is a daemon, since what cannot be waited for must not keep the process from ending, as the threads of a pool do.
    """

    def __init__(self, sources: Iterator[Source], prepare: Callable[[Source], Item]) -> None:
        self._sources = sources
        self._prepare = prepare
        self._wanted: SimpleQueue[bool] = SimpleQueue()
        self._made: SimpleQueue[_Prepared[Item] | BaseException | None] = SimpleQueue()
        self._preparing = Lock()
        self._stopped = False
        self._wanted.put(True)
        Thread(target=self._work, name="prefetch", daemon=True).start()

    def take(self) -> _Prepared[Item] | None:
        """Wait for the next item, and have another one made; None where there is no more."""
        made = self._made.get()
        if isinstance(made, BaseException):
            raise made
        if made is not None:
            self._wanted.put(True)
        return made

    def stop(self) -> None:
        """Let the thread come to its end; it is in the source at most."""
        self._stopped = True
        self._wanted.put(False)
        with self._preparing:
            pass

    def _work(self) -> None:
        while self._wanted.get():
            try:
                made = self._next()
            except BaseException as error:  # noqa: BLE001 - it is raised again where items are taken
                self._made.put(error)
                return
            self._made.put(made)
            if made is None:
                return

    def _next(self) -> _Prepared[Item] | None:
        for source in self._sources:
            with self._preparing:
                return None if self._stopped else _Prepared(self._prepare(source))
        return None
