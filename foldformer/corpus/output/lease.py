"""Who is at work in an object store: an object that is renewed while a run lives.

A run that was killed leaves its lease. The next run takes it over when the process is known to be dead, or when the
lease has not changed for as long as it holds: by the clock of the one who waits, as clocks of machines differ.
"""

import json
import logging
import os
import platform
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.store_access import Version, store_errors

logger = logging.getLogger(__name__)

HOLDS = 40.0
"""Seconds without a renewal after which a lease is anybody's."""
RENEWED = 8.0
"""Seconds between renewals."""
_POLL = 0.5


class Lease:
    """The right to write below a prefix.

    Args:
        store: The store.
        path: Of the object.
        url: What to call the prefix in front of the user.
        unsafe: Go on where the store does not know conditional writes.
    """

    def __init__(self, store: Any, path: str, url: str, *, unsafe: bool = False) -> None:
        self._store, self._path, self._url, self._unsafe = store, path, url, unsafe
        self._run = uuid.uuid4().hex
        self._count = 0
        self._version: Version | None = None
        self._lost = False
        self._done = threading.Event()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lease.

        Raises:
            CorpusError: Another run holds it, or the store cannot tell.
        """
        try:
            with store_errors(self._url):
                self._acquire()
        except OSError as error:
            raise CorpusError(
                f"--output: got {self._url}, whose store does not answer as it should ({error}); expected one that can "
                "be reached; try again"
            ) from error
        renewal = threading.Thread(target=self._renew, daemon=True)
        try:
            with store_errors(self._url):
                self._probe()
            renewal.start()
            yield
        finally:
            self._done.set()
            if renewal.ident is not None:
                renewal.join()
            if not self._lost:
                with suppress(OSError, CorpusError), store_errors(self._url):
                    self._store.delete(self._path)

    def check(self) -> None:
        """Check that nobody has taken the lease over.

        Raises:
            CorpusError: Somebody has.
        """
        if self._lost:
            raise CorpusError(
                f"--output: got {self._url}, which another run has taken over, as this one could not be heard of for "
                f"{HOLDS:.0f} seconds; all parts so far stay"
            )

    def _acquire(self) -> None:
        since, seen = time.monotonic(), None
        while True:
            self._version = Version.put(self._store, self._path, self._content(), None)
            if self._version is not None:
                return
            try:
                found = self._store.get(self._path)
            except FileNotFoundError:  # it has just been given back
                continue
            version, holder = Version.of(found.meta), _holder(bytes(found.bytes()))
            if _is_dead(holder) or (seen == version and time.monotonic() - since > HOLDS):
                self._version = Version.put(self._store, self._path, self._content(), version)
                if self._version is not None:
                    return
                seen = None
                continue
            if seen is None:
                since, seen = time.monotonic(), version
            elif seen != version:
                raise CorpusError(
                    f"--output: got {self._url}, in which another run is at work (process {holder.get('process')} on "
                    f"{holder.get('machine')}); expected a prefix of its own for each run; wait for it, or use --shard "
                    "to share the work"
                )
            time.sleep(_POLL)

    def _probe(self) -> None:
        """Check that the store knows conditions, and keeps what it is given."""
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        kept = bytes(self._store.get(self._path).bytes()) == self._last
        refused = 0
        for mode in ("create", {"e_tag": '"0123456789abcdef0123456789abcdef"', "version": "1"}):
            try:
                self._store.put(self._path, self._last, mode=mode)
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                refused += 1
        if not kept:
            raise CorpusError(f"--output: got {self._url}, whose store does not give back what was put into it")
        if refused < 2 and self._unsafe:
            logger.warning(
                "%s: the store ignores conditions, so that nothing keeps a second run from mixing its parts in; "
                "see to it that one run is at work",
                self._url,
            )
        elif refused < 2:
            raise CorpusError(
                f"--output: got {self._url}, whose store ignores conditions, so that two runs at a time would mix "
                "their parts unseen; expected one with conditional writes; or see to it that one run is at work, and "
                "go on by --unsafe-store"
            )

    def _renew(self) -> None:
        while not self._done.wait(RENEWED):
            # a store that does not answer is asked again; who is too late finds that the lease is another's
            with suppress(OSError, CorpusError), store_errors(self._url):
                if self._unsafe:
                    self._store.put(self._path, self._content())
                    continue
                version = Version.put(self._store, self._path, self._content(), self._version)
                if version is None:
                    self._lost = True
                    return
                self._version = version

    def _content(self) -> bytes:
        self._count += 1
        data = {"run": self._run, "renewals": self._count, "process": os.getpid(), "machine": platform.node()}
        self._last = json.dumps({**data, "system": _system()}).encode()
        return self._last


def _holder(content: bytes) -> dict[str, Any]:
    with suppress(ValueError):
        data = json.loads(content)
        if isinstance(data, dict):
            return data
    return {}


def _system() -> str | None:
    """What tells whether a process number of another run can be looked up here."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{platform.node()} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return None


def _is_dead(holder: dict[str, Any]) -> bool:
    if holder.get("system") is None or holder["system"] != _system() or not isinstance(holder.get("process"), int):
        return False
    try:
        os.kill(holder["process"], 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
