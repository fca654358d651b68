"""What has been measured, one file each."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


class Store:
    """Measured arrays by name.

    Args:
        folder: Where they lie; remove it to measure anew.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def get(self, name: str, measure: Callable[[], Arrays]) -> Arrays:
        """Return what is kept of a name, having measured it if there is nothing."""
        path = self._folder / f"{hashlib.blake2b(name.encode(), digest_size=12).hexdigest()}.npz"
        if not path.exists():
            start = time.perf_counter()
            measured = measure()
            np.savez_compressed(path.with_suffix(".part.npz"), **measured)
            path.with_suffix(".part.npz").rename(path)
            print(f"  {name}: {time.perf_counter() - start:.0f} s", flush=True)
        with np.load(path) as kept:
            return dict(kept)
