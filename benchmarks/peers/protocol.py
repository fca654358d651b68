"""What the process of a peer understands: JSON requests on standard input, JSON replies on standard output.

Runs in every peer's environment, so it needs Python 3.10, NumPy and nothing else.
"""

import contextlib
import ctypes
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

Documents = list[list[str]]
MEGABYTE = 2**20


class Peer:
    """A system that turns lists of words into word vectors."""

    packages: tuple[str, ...] = ("torch", "transformers")
    """Whose versions are reported."""

    def embed(self, documents: Documents) -> list[np.ndarray]:
        """Embed documents. Each result is float32 (words, dim)."""
        raise NotImplementedError

    def prepare(self, documents: Documents) -> None:
        """Only the part before the transformer: tokenizing, indexing, batching."""
        raise NotImplementedError

    def train_step(self, documents: Documents) -> None:
        """Forward, backward and optimizer step for one batch."""
        raise NotImplementedError

    def gradients(self, documents: Documents) -> dict[str, float]:
        """Loss and gradient norm of one batch without dropout, to be compared with other systems'."""
        raise NotImplementedError


class Server:
    """Answers requests about one peer.

    Args:
        peer: Loaded, with weights.
    """

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def vectors(self, documents: Documents, output: str) -> dict[str, Any]:
        """Write the vectors of all documents, one array each."""
        np.savez(output, *self._peer.embed(documents))
        return {}

    def time(self, documents: Documents) -> dict[str, Any]:
        """Time one pass, and find the peak memory beyond what was held before it and what it gave."""
        before = _reset_peak()
        start = time.perf_counter()
        vectors = self._peer.embed(documents)
        seconds = time.perf_counter() - start
        peak = _status("VmHWM")
        output = sum(array.nbytes for array in vectors) / MEGABYTE
        return {"seconds": seconds, "peak": peak, "beyond": peak - before - output, "rss": before, "output": output}

    def prepare(self, documents: Documents) -> dict[str, Any]:
        """Time tokenizing and indexing by themselves."""
        start = time.perf_counter()
        self._peer.prepare(documents)
        return {"seconds": time.perf_counter() - start}

    def gradients(self, documents: Documents) -> dict[str, Any]:
        """Compute loss and gradient norm."""
        return dict(self._peer.gradients(documents))

    def train(self, documents: Documents, batch_size: int) -> dict[str, Any]:
        """Time training steps over all documents as they come."""
        before = _reset_peak()
        start = time.perf_counter()
        for i in range(0, len(documents), batch_size):
            self._peer.train_step(documents[i : i + batch_size])
        return {"seconds": time.perf_counter() - start, "beyond": _status("VmHWM") - before}


def serve(make: Callable[[dict[str, Any]], Peer]) -> None:
    """Load a peer with the options of the command line, and answer until standard input ends.

    Whatever the libraries print goes to standard error.
    """
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    peer = make(json.loads(sys.argv[1]))
    server = Server(peer)
    loaded = {"python": sys.version.split()[0], **_versions(peer.packages)}
    print(json.dumps({"versions": loaded, "rss": _status("VmRSS")}), file=replies)
    for line in sys.stdin:
        request = json.loads(line)
        operation = getattr(server, request.pop("op"))
        request["documents"] = read_documents(request["documents"])
        reply = operation(**request)
        _release()  # other systems need the memory now
        print(json.dumps(reply), file=replies)


def read_documents(path: str) -> Documents:
    """Read one list of words a line."""
    with Path(path).open() as lines:
        return [json.loads(line) for line in lines]


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for package in packages:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _reset_peak() -> float:
    """Give freed memory back, start the peak anew, and return the memory held now, in megabytes."""
    _release()
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _release() -> None:
    """Give freed memory back to the system."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _status(key: str) -> float:
    """Return an entry of the process's status, in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(key + ":"))
