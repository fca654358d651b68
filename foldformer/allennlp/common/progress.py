"""Progress bars under AllenNLP's name."""

from typing import Any

from tqdm import tqdm as bar  # type: ignore[import-untyped]


class Tqdm:
    """tqdm's progress bars."""

    @staticmethod
    def tqdm(*args: Any, **kwargs: Any) -> Any:
        """Make a progress bar; see `tqdm.tqdm`."""
        return bar(*args, **kwargs)

    @staticmethod
    def set_lock(lock: Any) -> None:
        """Set the lock that bars of several threads share."""
        bar.set_lock(lock)

    @staticmethod
    def get_lock() -> Any:
        """Give that lock."""
        return bar.get_lock()
