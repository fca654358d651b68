"""A peer's process, and the description of the system that runs in it."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.environments import OWN, ROOT, Environment, Own, UnavailableError

LOGS = ROOT / ".cache" / "benchmarks" / "logs"


@dataclass(frozen=True)
class System:
    """Something that is measured.

    Args:
        name: In tables.
        module: Under `benchmarks.peers`.
        environment: Where it runs.
        options: For the peer.
        dtype: What it computes in.
        folds: It cuts long documents into the same segments as this project, so its vectors must agree there too.
        group: Systems of one group differ in a setting; the fastest one stands for the group.
    """

    name: str
    module: str
    environment: Environment | Own = OWN
    options: dict[str, Any] = field(default_factory=dict)
    dtype: str = "float32"
    folds: bool = True
    group: str = ""


class Process:
    """A running peer.

    Args:
        system: What to run.
        model: Folder of the model.

    Raises:
        UnavailableError: Its environment cannot be made, or it does not start.
    """

    def __init__(self, system: System, model: Path) -> None:
        self.system = system
        LOGS.mkdir(parents=True, exist_ok=True)
        self._log = LOGS / f"{system.name.replace(' ', '_').replace(',', '')}.log"
        options = json.dumps({"model": str(model), **system.options})
        command = [str(system.environment.interpreter()), "-m", f"benchmarks.peers.{system.module}", options]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log.open("w"), text=True, cwd=ROOT,
            env=_environment_variables(),
        )  # fmt: skip
        loaded = self._reply()
        self.versions: dict[str, str] = loaded["versions"]
        self.rss: float = loaded["rss"]

    def request(self, op: str, documents: Path, **more: Any) -> dict[str, Any]:
        """Have something done, and wait for it.

        Raises:
            UnavailableError: The process ended.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"op": op, "documents": str(documents), **more}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise UnavailableError(self._reason()) from error
        return self._reply()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise UnavailableError(self._reason())
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _reason(self) -> str:
        lines = self._log.read_text().strip().splitlines() or ["no message"]
        return f"ended with {lines[-1]!r}; see {self._log.relative_to(ROOT)}"


@contextmanager
def running(systems: Sequence[System], model: Path) -> Iterator[list[Process]]:
    """Start systems, and say a line for each one that cannot run here."""
    with ExitStack() as stack:
        processes = []
        for system in systems:
            try:
                process = Process(system, model)
            except UnavailableError as error:
                print(f"  skipped: {system.name}: {error}", flush=True)
                continue
            stack.callback(process.close)
            processes.append(process)
        yield processes


def _environment_variables() -> dict[str, str]:
    quiet = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
    return {**os.environ, **quiet, "PYTHONPATH": str(ROOT)}
