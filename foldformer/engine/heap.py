"""Whether memory that activations no longer need stays in this process: in glibc's heap, for tensors on the CPU."""

import ctypes
import sys
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Options of `mallopt`, from malloc.h."""
_KEPT_BYTES = 2**30
_DOCUMENTED_THRESHOLD = 2**25
"""The highest `_MMAP_THRESHOLD` that mallopt(3) promises to take."""


def _find_library() -> Any:
    """Return the C library if it is glibc, whose heap this module knows."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None


_LIBRARY = _find_library()


def keep_freed_memory() -> None:
    """Have freed activations stay in this process for the next layer to take.

    As it comes, glibc returns megabytes to the system at once and asks for them again in the next layer; clearing their
    pages takes 5 to 9 % of the time that a small transformer runs. The process stays as large as it ever was, unless
    `give_memory_back` is called now and then.
    """
    if _LIBRARY is not None:
        if not _LIBRARY.mallopt(_MMAP_THRESHOLD, _KEPT_BYTES):
            _LIBRARY.mallopt(_MMAP_THRESHOLD, _DOCUMENTED_THRESHOLD)
        _LIBRARY.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)


def give_memory_back() -> None:
    """Return what is free inside the heap of the C library to the system, where it is glibc.

    Activations of several megabytes are freed between small objects that stay, so the heap would grow for hours, to
    some multiple of what is in use; this takes milliseconds.
    """
    if _LIBRARY is not None:
        _LIBRARY.malloc_trim(0)
