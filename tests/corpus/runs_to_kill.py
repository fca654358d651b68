"""A program for the crash tests: embeds a corpus again and again in forks of itself, each of which ends badly.

It imports and loads once, so that a run takes a fraction of a second. It is a program of its own, because a process
with the threads of a test runner had better not be forked.

    python runs_to_kill.py kill MODEL INPUT OUTPUT NUM_KILLS SEED     killed at random moments, until complete
    python runs_to_kill.py terminate MODEL INPUT OUTPUT               SIGTERM in the middle
    python runs_to_kill.py race MODEL INPUT OUTPUT NUM_RUNS FOLDER   as many runs at a time, into one output
    python runs_to_kill.py limit MODEL INPUT OUTPUT                   files may not grow beyond a limit that rises

What it prints is JSON.
"""

import json
import os
import random
import resource
import shutil
import signal
import sys
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import torch  # noqa: E402

from foldformer.corpus import CorpusError, DocumentEmbedder, Input, RunOptions, embed_corpus  # noqa: E402
from foldformer.corpus.output import lease, ledger  # noqa: E402
from foldformer.corpus.runs.monitor import Quiet  # noqa: E402

OPTIONS = RunOptions(storage_dtype="float32", rows_per_part=4)


def embed(embedder: DocumentEmbedder, source: str, output: str, monitor=None) -> None:
    embed_corpus(Input([source]), output, embedder, OPTIONS, monitor)


def forked(body) -> int:
    """Run in a child; gives its process id."""
    child = os.fork()
    if child:
        return child
    code = 0
    try:
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        body()
    except SystemExit as error:
        code = error.code
    except CorpusError as error:
        codes = {"the run stopped": 7, "another run": 8}
        code = next((code for words, code in codes.items() if words in str(error)), 1)
        if code == 1:
            print(error, file=sys.stderr)
    except BaseException:  # noqa: BLE001  (a child must not come back from here)
        sys.excepthook(*sys.exc_info())
        code = 1
    os._exit(code)


def exit_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill(embedder, source, output, num_kills, seed) -> dict:
    start = time.monotonic()
    assert exit_of(forked(lambda: embed(embedder, source, f"{output}/first"))) == 0
    duration = time.monotonic() - start
    generator = random.Random(int(seed))
    ledger.WRITTEN_EVERY = duration / 40  # of runs this short, too, some lines are written and some are not
    killed = runs = 0
    folder = 0
    while killed < int(num_kills):
        target = f"{output}/{folder}"
        child = forked(lambda target=target: embed(embedder, source, target))
        time.sleep(generator.uniform(0, 0.4 * duration))
        os.kill(child, signal.SIGKILL)
        runs += 1
        status = exit_of(child)
        if status == -signal.SIGKILL:
            killed += 1
        else:
            assert status == 0, status
            folder += 1
    for each in range(folder + 1):
        assert exit_of(forked(lambda each=each: embed(embedder, source, f"{output}/{each}"))) == 0
    return {"killed": killed, "folders": folder + 1, "runs": runs}


class WaitsForRefusals(Quiet):
    """A monitor that lets its run go on when all the others have been refused."""

    def __init__(self, folder: Path, num_others: int) -> None:
        self.folder, self.num_others = folder, num_others

    def document(self, document, fraction):
        for _ in range(600):
            if len(list(self.folder.iterdir())) == self.num_others:
                return
            time.sleep(0.1)
        raise TimeoutError


def race(embedder, source, output, num_runs, folder) -> dict:
    """Let runs begin at the same moment: the one that writes, and what the others are told."""
    lease.RENEWED = 0.3
    monitor = WaitsForRefusals(Path(folder), int(num_runs) - 1)

    def run() -> None:
        try:
            embed(embedder, source, output, monitor)
        except CorpusError as error:
            Path(folder, str(os.getpid())).write_text(str(error))
            raise

    children = [forked(run) for _ in range(int(num_runs))]
    statuses = {child: exit_of(child) for child in children}
    done = [child for child, status in statuses.items() if status == 0]
    return {"done": done, "refusals": [path.read_text() for path in Path(folder).iterdir()]}


def terminate(embedder, source, output) -> dict:
    start = time.monotonic()
    assert exit_of(forked(lambda: embed(embedder, source, f"{output}/first"))) == 0
    duration = time.monotonic() - start
    statuses = []
    for tenth in range(1, 8):
        child = forked(lambda: embed(embedder, source, f"{output}/0"))
        time.sleep(tenth * duration / 10)
        os.kill(child, signal.SIGTERM)
        statuses.append(exit_of(child))
        left = [path.name for path in Path(output, "0").glob(".*.partial")]
        assert left == [], left
    assert exit_of(forked(lambda: embed(embedder, source, f"{output}/0"))) == 0
    return {"statuses": statuses}


def limit(embedder, source, output) -> dict:
    """Let writes fail at one byte after the other: EFBIG reaches the writer by the way that ENOSPC takes."""
    assert exit_of(forked(lambda: embed(embedder, source, f"{output}/first"))) == 0
    largest = max(path.stat().st_size for path in Path(output, "first").iterdir())

    def limited(most: int) -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        embed(embedder, source, f"{output}/0")

    failed = 0
    for most in range(1, largest, largest // 16):
        status = exit_of(forked(lambda most=most: limited(most)))
        assert status in (0, 7), (status, most)
        failed += status == 7
        left = [path.name for path in Path(output, "0").glob(".*.partial")]
        assert left == [], left
        if most % 3 == 0:  # with and without something to go on with
            shutil.rmtree(Path(output, "0"))
    assert exit_of(forked(lambda: embed(embedder, source, f"{output}/0"))) == 0
    return {"failed": failed}


def main() -> None:
    torch.set_num_threads(1)
    kind, model, source, output, *rest = sys.argv[1:]
    embedder = DocumentEmbedder.from_model(model, max_length=16)
    kinds = {"kill": kill, "race": race, "terminate": terminate, "limit": limit}
    print(json.dumps(kinds[kind](embedder, source, output, *rest)))


if __name__ == "__main__":
    main()
