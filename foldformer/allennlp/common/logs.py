"""Logging under AllenNLP's names."""

import logging
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

FILE_FRIENDLY_LOGGING = False


class AllenNlpLogger(logging.Logger):
    """A logger that can say things once: `info_once`, `warning_once`, and so on for each level."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._seen: set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., None]:
        level, _, once = name.rpartition("_")
        if once != "once" or level not in ("debug", "info", "warning", "error", "critical"):
            raise AttributeError(name)

        def log_once(message: str, *args: Any, **kwargs: Any) -> None:
            if message not in self._seen:
                self._seen.add(message)
                getattr(self, level)(message, *args, **kwargs)

        return log_once


def prepare_global_logging(serialization_dir: str | PathLike[str], rank: int = 0, world_size: int = 1) -> None:
    """Log to standard error and to a file in a folder.

    Args:
        serialization_dir: The folder.
        rank: Which of the processes this is; only the first writes to standard error.
        world_size: How many there are.
    """
    file = "out.log" if world_size == 1 else f"out_worker{rank}.log"
    handlers: list[logging.Handler] = [logging.FileHandler(Path(serialization_dir) / file, encoding="utf-8")]
    if rank == 0:
        handlers.append(logging.StreamHandler())
    form = "%(asctime)s - %(levelname)s - %(name)s - %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=handlers, force=True)
