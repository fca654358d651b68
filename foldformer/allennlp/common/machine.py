"""Memory, ports, folders and paths of the machine, and sizes and times as people read them."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from foldformer.training.fit.memory import peak_memory

_UNITS = (("G", 2**30), ("M", 2**20), ("K", 2**10))


def peak_cpu_memory() -> dict[int, int]:
    """Peak memory of each process by its rank, in bytes; to be called in every process."""
    return _peaks("worker_")


def peak_gpu_memory() -> dict[int, int]:
    """Peak memory of each GPU by the rank of its process, in bytes; to be called in every process."""
    return _peaks("gpu_")


def peak_memory_mb() -> dict[int, float]:
    """Peak memory of each process by its rank, in MB."""
    return {rank: number / 2**20 for rank, number in peak_cpu_memory().items()}


def gpu_memory_mb() -> dict[int, int]:
    """Peak memory of each GPU by the rank of its process, in MB."""
    return {rank: number // 2**20 for rank, number in peak_gpu_memory().items()}


def format_size(size: int) -> str:
    """Bytes in the largest unit that fits, as in 1.5M; with a decimal below 10."""
    for unit, bytes_of in _UNITS:
        number = size / bytes_of
        if number >= 1:
            return f"{number:.0f}{unit}" if number >= 10 else f"{number:.1f}{unit}"
    return f"{size}B"


def format_timedelta(td: timedelta) -> str:
    """A time in days, or in hours and minutes."""
    if td.days:
        return f"{td.days} day" + ("s" if td.days > 1 else "")
    minutes = td.seconds // 60
    if minutes < 60:
        return f"{minutes} mins"
    return f"{minutes // 60} hour{'s' if minutes >= 120 else ''}, {minutes % 60} mins"


def flatten_filename(file_path: str) -> str:
    """A path that is the name of one file."""
    return file_path.replace("/", "_SLASH_")


def find_open_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as opened:
        opened.bind(("", 0))
        return int(opened.getsockname()[1])


@contextmanager
def pushd(new_dir: str | os.PathLike[str], verbose: bool = False) -> Iterator[None]:  # noqa: ARG001
    """Work in another folder for the length of a block."""
    before = Path.cwd()
    os.chdir(new_dir)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def push_python_path(path: str | os.PathLike[str]) -> Iterator[None]:
    """Import from a folder first for the length of a block."""
    folder = str(Path(path).resolve())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _peaks(prefix: str) -> dict[int, int]:
    found = {name: number for name, number in peak_memory().items() if name.startswith(prefix)}
    return {rank: round(number * 2**20) for rank, number in enumerate(found.values())}
