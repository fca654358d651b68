"""Epochs of a length that was asked for."""

from collections.abc import Callable, Iterator

from foldformer.data.data_loaders.data_loader import TensorDict


class EpochsOfLength:
    """Cuts passes through the data into epochs of an equal number of batches, each going on where the last one ended.

    Args:
        start_pass: Begins a pass through the data.
        length: Batches in an epoch.
    """

    def __init__(self, start_pass: Callable[[], Iterator[TensorDict]], length: int) -> None:
        self._start_pass = start_pass
        self._length = length
        self._rest: Iterator[TensorDict] = iter(())

    def next_epoch(self) -> Iterator[TensorDict]:
        """Yield the batches of the next epoch."""
        for _ in range(self._length):
            batch = next(self._rest, None)
            if batch is None:
                self._rest = self._start_pass()
                batch = next(self._rest)
            yield batch
