"""Give freed memory back to the system."""

import ctypes
import sys
from collections.abc import Callable


def _find_trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim


_TRIM = _find_trim()


def give_memory_back() -> None:
    """Return what is free inside the heap of the C library to the system, where it is glibc.

    Activations of several megabytes are freed between small objects that stay, so the heap would grow for hours, to
    some multiple of what is in use; this takes milliseconds.
    """
    if _TRIM is not None:
        _TRIM(0)
