"""Evaluate Jsonnet in a process of its own, for no longer and in no more memory than it may take.

A few lines of Jsonnet can run for ever or ask for any amount of memory, and nothing stops the library within a process.
The process is started by the first evaluation and serves the later ones.
"""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Lock, Timer
from typing import Any

from foldformer.config.errors import ConfigurationError

SECONDS = "FOLDFORMER_MAX_JSONNET_SECONDS"
GIGABYTES = "FOLDFORMER_MAX_JSONNET_GB"
_DEFAULTS = {SECONDS: 30.0, GIGABYTES: 2.0}

Import = Callable[[str, str], tuple[str, str]]
"""Gives path and content of what a file imports, by the folder of that file and the name; raises `RuntimeError`."""


def evaluate_jsonnet(source: str, snippet: str, import_file: Import, **arguments: Mapping[str, str]) -> str:
    """Evaluate Jsonnet text to JSON.

    Args:
        source: What errors call the text.
        snippet: The text.
        import_file: Finds what it imports.
        arguments: As the Jsonnet library names them: `ext_vars`, `ext_codes`, `tla_codes`.

    Raises:
        RuntimeError: The text does not evaluate; with Jsonnet's own words.
        ConfigurationError: It takes too long, or too much memory.
    """
    with _shared.lock:
        return _shared.current().evaluate({"source": source, "snippet": snippet, **arguments}, import_file)


class _Evaluator:
    """The process.

    Args:
        max_gigabytes: Memory that it may take.
    """

    def __init__(self, max_gigabytes: float) -> None:
        self.max_gigabytes = max_gigabytes
        found = find_spec("_jsonnet")
        assert found is not None, "is installed with this package"
        folder = str(Path(str(found.origin)).parent)
        script = str(Path(__file__).with_name("jsonnet_process.py"))
        # isolated, and without what site-packages do at a start: it takes a third of the time
        command = [sys.executable, "-I", "-S", "-X", "utf8", script, folder, str(int(max_gigabytes * 1e9))]
        pipe, none = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=none, text=True)

    def evaluate(self, request: Mapping[str, Any], import_file: Import) -> str:
        seconds = _bound(SECONDS)
        has_ended = Event()

        def end() -> None:
            has_ended.set()
            self._process.kill()

        watch = Timer(seconds, end)
        watch.daemon = True
        watch.start()
        try:
            answer = self._ask(request)
            while answer is not None and "import" in answer:
                answer = self._ask(_imported(import_file, *answer["import"]))
        except BaseException:  # an interrupt: what comes of the process now would be taken for the next answer
            self.close()
            raise
        finally:
            watch.cancel()
        if answer is None:
            self.close()
            memory = f"more than {self.max_gigabytes:g} GB ({GIGABYTES}), or crashes"
            why = f"more than {seconds:g} s ({SECONDS})" if has_ended.is_set() else memory
            raise ConfigurationError(f"{request['source']}: takes {why}, to evaluate; does it call itself without end?")
        if "error" in answer:
            raise RuntimeError(answer["error"])
        result: str = answer["result"]
        return result

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def _ask(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give the answer to a message; None where the process has ended."""
        sent, received = self._process.stdin, self._process.stdout
        assert sent is not None, "is piped"
        assert received is not None, "is piped"
        try:
            sent.write(json.dumps(message) + "\n")
            sent.flush()
        except BrokenPipeError:
            return None
        line = received.readline()
        if not line.endswith("\n"):
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer


def _imported(import_file: Import, folder: str, name: str) -> dict[str, str]:
    try:
        path, content = import_file(folder, name)
    except RuntimeError as error:
        return {"error": str(error)}
    return {"path": path, "content": content}


def _bound(variable: str) -> float:
    asked = os.environ.get(variable)
    if asked is None:
        return _DEFAULTS[variable]
    try:
        number = float(asked)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e6:
        raise ConfigurationError(f'{variable}: got "{asked}"; expected a number above 0')
    return number


class _Shared:
    """The evaluator of this process."""

    def __init__(self) -> None:
        self.lock = Lock()
        self._evaluator: _Evaluator | None = None
        self._of_parents: list[_Evaluator | None] = []
        """Those of processes that were forked: kept, as they are not ours to end."""

    def current(self) -> _Evaluator:
        """The evaluator, started where there is none that can be used."""
        max_gigabytes, found = _bound(GIGABYTES), self._evaluator
        if found is not None and found.is_alive and found.max_gigabytes == max_gigabytes:
            return found
        self.close()
        _close_at_exit()
        self._evaluator = _Evaluator(max_gigabytes)
        return self._evaluator

    def close(self) -> None:
        """End the process."""
        if self._evaluator is not None:
            self._evaluator.close()
            self._evaluator = None

    def after_fork(self) -> None:
        """Begin anew in a process that was forked."""
        self.lock = Lock()
        self._of_parents.append(self._evaluator)
        self._evaluator = None


_shared = _Shared()


@cache
def _close_at_exit() -> None:
    atexit.register(_shared.close)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_shared.after_fork)
