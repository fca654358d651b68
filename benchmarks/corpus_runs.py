"""Whole runs over real text: what writing costs, what memory they take, what Ray gains, what crashes leave.

    python -m benchmarks.corpus_runs MODEL TEXT_FILE [overhead] [memory] [ray] [kills] [disk]

Without names it measures all. "disk" needs the right to mount a small file system.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from foldformer.corpus import DocumentEmbedder, Input, RayOptions, RunOptions, embed_corpus
from foldformer.corpus.reading.load import load_corpus

REPEATS = 3
print = partial(print, flush=True)
KILLER = Path(__file__).parents[1] / "tests" / "corpus" / "runs_to_kill.py"
DISK_BYTES = 24 * 2**20


def overhead(model: str, lines: list[str]) -> None:
    """Compare a run with the embedding alone, in turns."""
    texts = [" ".join(lines[i : i + 20]) for i in range(0, 4000, 20)]
    for dtype in ("float32", "bfloat16"):
        embedder = DocumentEmbedder.from_model(model, dtype=dtype)
        list(embedder.embed(texts[:20]))
        pairs = [in_turn(embedder, texts) for _ in range(REPEATS)]
        alone, whole = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs) - 1
        print(f"overhead {dtype}: alone {alone:.1f} s, run {whole:.1f} s, {ratio:+.1%}")


def in_turn(embedder: DocumentEmbedder, texts: list[str]) -> tuple[float, float]:
    """Seconds of the embedding alone, and of a run."""
    with tempfile.TemporaryDirectory() as folder:
        documents = Input([write_lines(Path(folder, "in.txt"), texts)])
        alone = seconds_of(lambda: [None for _ in embedder.embed(texts)])
        return alone, seconds_of(lambda: embed_corpus(documents, Path(folder, "out"), embedder))


def memory(model: str, lines: list[str]) -> None:
    """Compare the peak of a process over 10 documents with that over 10,000 documents of the same lengths.

    The micro-batches are so small that 10 verses fill one: what a larger one needs would otherwise count as growth.
    """
    peaks = {}
    longest = max(lines, key=len)
    with tempfile.TemporaryDirectory() as folder:
        for count in (10, 10_000):
            texts = [longest, *(lines[i % len(lines)] for i in range(count - 1))]
            source = write_lines(Path(folder, f"{count}.txt"), texts)
            options = ["--output", str(Path(folder, str(count))), "--model", model, "--batch-tokens", "256"]
            peaks[count] = peak_of([source, *options])
            print(f"memory {count} documents: {peaks[count]:,.0f} MiB")
    print(f"memory: {peaks[10_000] / peaks[10] - 1:+.1%}")


def ray(model: str, lines: list[str]) -> None:
    """Compare one actor with two, from the first part that is made to the last."""
    texts = [" ".join(lines[i : i + 20]) for i in range(0, 12_000, 20)]
    embedder = DocumentEmbedder.from_model(model)
    speeds = {}
    with tempfile.TemporaryDirectory() as folder:
        source = write_lines(Path(folder, "in.txt"), texts)
        for actors in (1, 2):
            on_ray = RayOptions({"model_name": model}, num_actors=actors)
            clock = Clock()
            options = RunOptions(rows_per_part=20, ray=on_ray)
            embed_corpus(Input([source]), Path(folder, str(actors)), embedder, options, clock)
            speeds[actors] = clock.wordpieces_per_second(2 * actors)
            print(f"ray {actors} actors: {speeds[actors]:,.0f} wordpieces/s")
    print(f"ray: {speeds[2] / speeds[1]:.2f} times")


class Clock:
    """Notes when parts are ready."""

    def __init__(self) -> None:
        self.parts: list[tuple[float, int]] = []

    def resumed(self, parts: object, damaged: object) -> None:
        """Nothing."""

    def document(self, document: object, fraction: object) -> None:
        """Nothing."""

    def part(self, part, fraction: object) -> None:  # noqa: ARG002
        """Note the time."""
        self.parts.append((time.monotonic(), part.num_wordpieces))

    def wordpieces_per_second(self, skip: int) -> float:
        """Speed behind the first parts, which wait for actors to start, and before the last, when some are idle."""
        measured = self.parts[skip : -skip or None]
        return sum(count for _, count in measured[1:]) / (measured[-1][0] - measured[0][0])


def kills(model: str, lines: list[str]) -> None:
    """Kill runs at 100 random moments; every output must be that of an undisturbed run."""
    with tempfile.TemporaryDirectory() as folder:
        source = write_lines(Path(folder, "in.txt"), lines[:400])
        command = [sys.executable, str(KILLER), "kill", model, source, f"{folder}/out", "100", "1"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        result = json.loads(finished.stdout)
        first = parts_of(Path(folder, "out/first"))
        assert all(parts_of(Path(folder, "out", str(number))) == first for number in range(result["folders"]))
        print(f"kills: {result['killed']} kills in {result['runs']} runs, {result['folders']} outputs, all the same")


def disk(model: str, lines: list[str]) -> None:
    """Fill a small file system, enlarge it, go on; again and again until there is room for all."""
    with tempfile.TemporaryDirectory() as folder:
        source = write_lines(Path(folder, "in.txt"), lines[:6000])
        small = Path(folder, "small")
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(small)], check=True)
        try:
            statuses = []
            options = ["--model", model, "--part-size", "4MB"]
            for times in range(1, 20):
                command = embed_command([source, "--output", str(small / "out"), *options])
                statuses.append(subprocess.run(command, capture_output=True, check=False).returncode)
                if statuses[-1] == 0:
                    break
                size = DISK_BYTES * (times + 1)
                subprocess.run(["mount", "-o", f"remount,size={size}", str(small)], check=True)
            subprocess.run(embed_command([source, "--output", f"{folder}/whole", *options]), check=True)
            assert parts_of(small / "out") == parts_of(Path(folder, "whole"))
            print(f"disk: full {statuses.count(1)} times, then {len(load_corpus(small / 'out')):,} documents, the same")
        finally:
            subprocess.run(["umount", str(small)], check=True)


def embed_command(arguments: list[str]) -> list[str]:
    return [sys.executable, "-c", "from foldformer.commands import main; main()", "embed", *arguments]


def peak_of(arguments: list[str]) -> float:
    """Peak memory of a run in a process of its own, in MiB."""
    child = os.fork()
    if not child:
        os.execv(sys.executable, embed_command(arguments))
    _, status, usage = os.wait4(child, 0)
    assert status == 0, status
    return usage.ru_maxrss / (1 if sys.platform == "darwin" else 1024)


def parts_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("part-*")}


def write_lines(path: Path, texts: list[str]) -> str:
    path.write_text("".join(text + "\n" for text in texts))
    return str(path)


def seconds_of(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


SECTIONS = {"overhead": overhead, "memory": memory, "ray": ray, "kills": kills, "disk": disk}


def main() -> None:
    model, text, *names = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    lines = [record.text for record in Input([text]) if isinstance(record.text, str)]
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {os.cpu_count()} processors")
    for name in names or SECTIONS:
        SECTIONS[name](model, lines)


if __name__ == "__main__":
    main()
